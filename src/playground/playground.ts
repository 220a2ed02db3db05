/** The playground: the page at `/` on which a person makes videos. It uses only the published client. */

import { Filmgate } from "../client/filmgate.ts";

console.log(new Filmgate({ apiKey: "mql_none", baseUrl: location.origin }).video !== undefined);
