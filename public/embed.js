/* filmgate, MIT. Built from src/embed/ by npm run build:public. */
var e=class extends HTMLElement{};customElements.define("filmgate-video",e);export{e as FilmgateVideo};
