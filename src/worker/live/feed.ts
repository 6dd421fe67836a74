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
  /** There is no way on for this viewer: it is closed once it has the frames. */
  readonly isLast?: true;
}

export interface Feed {
  /** The position a client names to resume from. */
  parsePosition(text: string): Result<string>;

  /**
   * The position of a viewer of `topic` that is up to date; `position` itself if nothing after it concerns the topic.
   * `undefined`: it will only be known after the next change, so viewers who stayed connected while the object was away
   * must wait.
   */
  head(topic: string, position: string | undefined): string | undefined;

  /** The next step from `position`, or from nothing. A viewer that is up to date gets an empty frame. */
  step(topic: string, position: string | undefined): Step;

  /** A viewer of `topic` has come, or is there again after the object was away; and has gone. */
  entered?(topic: string): void;
  left?(topic: string): void;

  /** A round of frames is over: every viewer was brought up to date that could be. */
  flushed?(): void;

  /** The frames as messages, and a step as server-sent events, where they are not the usual JSON. */
  toTexts?(topic: string, frames: readonly Frame[]): readonly string[];
  toEvents?(topic: string, step: Step): string;
}

/** The messages that `frames` make for a viewer of `topic`. */
export function stepTexts(feed: Feed, topic: string, frames: readonly Frame[]): readonly string[] {
  return feed.toTexts?.(topic, frames) ?? frames.map((frame) => JSON.stringify(frame));
}

/** The same as events. Only the last brings the client to a position that it can resume from. */
export function stepEvents(feed: Feed, topic: string, step: Step): string {
  if (feed.toEvents !== undefined) return feed.toEvents(topic, step);
  const events = step.frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`);
  const last = events.pop() ?? "";
  return `${events.join("")}id: ${step.position}\n${last}`;
}
