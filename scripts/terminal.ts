/** What the scripts print with: their standard output, in the look of the command line. */

import { createTerminal } from "../src/cli/terminal.ts";

export const { dim, bold, accent, startProgress } = createTerminal(process.stdout, process.env);
