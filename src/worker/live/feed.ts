/**
 * What a feature gives to the live hub: how to bring a viewer from the position it holds towards the head. A position
 * is the feature's own text (an offset, a sequence number); the hub only compares, stores and hands it back.
 */
import type { Result } from "../../protocol/problem.ts";

/** A JSON object with a `type`. */
export interface Frame {
  readonly type: string;
}

export interface Step {
  /** To be sent in this order; never none. */
  readonly frames: readonly Frame[];
  /** Where a viewer is once it has them. Not the head if there was more than fits one step. */
  readonly position: string;
}

export interface Feed {
  /** The position a client names to resume from. */
  parsePosition(text: string): Result<string>;

  /**
   * The position of a viewer of `topic` that is up to date. `undefined`: it will only be known after the next change, so
   * viewers who stayed connected while the object was away must wait.
   */
  head(topic: string): string | undefined;

  /** The next step from `position`, or from nothing. A viewer that is up to date gets an empty frame. */
  step(topic: string, position: string | undefined): Step;
}
