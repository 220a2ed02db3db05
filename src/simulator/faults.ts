/*
 * Which faults are in force for a prompt and a model, and how often each has happened. Two sources, one rule:
 * what stands in the prompt, then what the control route was told, in order. Faults of a create are counted
 * over all creates that match; faults of a task are counted for each task by itself.
 */
import { type Fault, isHeardOn, parseScenario, scenarioInPrompt, type Wire, type Word } from "./scenario.ts";

export type Scenario = { match: string; scenario: string; faults: Fault[] };
type About = { prompt: string; model: string };

export class Faults {
  readonly #told: Scenario[] = [];
  readonly #inPrompts = new Map<string, Fault[]>();
  #happened = new WeakMap<Fault, Map<string, number>>();

  /** Adds a scenario; a refusal is returned as a sentence. */
  add(match: string, scenario: string): { refusal: string } | undefined {
    const verdict = parseScenario(scenario);
    if ("refusal" in verdict) return verdict;
    this.#told.push({ match, scenario, faults: verdict.faults });
    return undefined;
  }

  list(): { match: string; scenario: string }[] {
    return this.#told.map(({ match, scenario }) => ({ match, scenario }));
  }

  clear(): void {
    this.#told.length = 0;
  }

  reset(): void {
    this.clear();
    this.#inPrompts.clear();
    this.#happened = new WeakMap();
  }

  /** Reads the prompt's own words; must come before the first question about that prompt. */
  readPrompt(prompt: string, wire: Wire): { refusal: string } | undefined {
    const words = scenarioInPrompt(prompt);
    if (words === "") return undefined;
    const verdict = parseScenario(words);
    if ("refusal" in verdict) return verdict;
    const stray = verdict.faults.find(({ word }) => !isHeardOn(word, wire));
    if (stray) return { refusal: `scenario word ${stray.word} means nothing on ${wire}` };
    if (!this.#inPrompts.has(prompt)) this.#inPrompts.set(prompt, verdict.faults);
    return undefined;
  }

  /** The argument of a fault that is in force, without using one of its times; undefined if there is none. */
  find(word: Word, about: About, scope = ""): string | undefined {
    return this.#first(word, about, scope)?.argument;
  }

  /** The same, and one of its times is used up. */
  take(word: Word, about: About, scope = ""): string | undefined {
    const fault = this.#first(word, about, scope);
    if (!fault) return undefined;
    const counts = this.#happened.get(fault) ?? new Map<string, number>();
    counts.set(scope, (counts.get(scope) ?? 0) + 1);
    this.#happened.set(fault, counts);
    return fault.argument;
  }

  has(word: Word, about: About, scope = ""): boolean {
    return this.find(word, about, scope) !== undefined;
  }

  #first(word: Word, { prompt, model }: About, scope: string): Fault | undefined {
    const told = this.#told.filter(({ match }) => prompt.includes(match) || model.includes(match));
    const faults = [...(this.#inPrompts.get(prompt) ?? []), ...told.flatMap((scenario) => scenario.faults)];
    return faults.find(
      (fault) => fault.word === word && (this.#happened.get(fault)?.get(scope) ?? 0) < fault.times,
    );
  }
}
