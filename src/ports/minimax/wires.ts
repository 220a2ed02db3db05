/** MiniMax's wires by their names: a model's row says which it speaks. */

import type { WireName } from "../../domain/models.ts";
import { v1 } from "./v1.ts";
import { v2 } from "./v2.ts";
import type { Wire } from "./wire.ts";

export const wires: Readonly<Record<WireName, Wire>> = { v1, v2 };
