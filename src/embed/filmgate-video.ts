/** The web component `<filmgate-video src>`: a published video in a page, with nothing to install. */

export class FilmgateVideo extends HTMLElement {}

customElements.define("filmgate-video", FilmgateVideo);
