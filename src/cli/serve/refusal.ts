/** A reason not to start that the person at the terminal can do something about: a sentence, never a stack. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
