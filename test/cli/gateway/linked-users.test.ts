/** Where each user goes on when the connection to the stream is made anew. */
import { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { GatewayUser } from "../../../src/cli/gateway/gateway-user.ts";
import { LinkedUsers } from "../../../src/cli/gateway/linked-users.ts";

function add(users: LinkedUsers, id: number): GatewayUser {
  const socket = new Socket();
  onTestFinished(() => void socket.destroy());
  const user = new GatewayUser({ id, socket, named: () => {}, gone: () => {} });
  socket.emit("data", Buffer.from(`${id}\n`));
  users.add(user);
  return user;
}

/** Who is joined, and from where. */
function joins(users: LinkedUsers): readonly string[] {
  return users.takeNew().map(({ id, since }) => (since === undefined ? `${id} from now` : `${id} since ${since}`));
}

function tell(users: LinkedUsers, cursor: number, to: readonly number[] = [], replay?: number[]): void {
  const events = to.map(() => `${cursor}|B`);
  const frame = { type: "events", cursor, events, to: to.map((id) => [id]) } as const;
  users.tell({ ...frame, events: [...events], to: [...frame.to], ...(replay !== undefined && { replay }) });
}

test("who joins for the first time is told of what comes from now on, though the stream is far along", () => {
  const users = new LinkedUsers();
  users.heardOf(500);
  add(users, 1);
  expect(joins(users)).toEqual(["1 from now"]);
  expect(joins(users)).toEqual([]);
});

test("who has joined goes on after the last frame, and who came later than that after where they joined", () => {
  const users = new LinkedUsers();
  add(users, 1);
  joins(users);
  users.joined([1], 10);
  tell(users, 480);
  add(users, 2);
  joins(users);
  users.joined([2], 490);
  users.disconnected();
  expect(joins(users)).toEqual(["1 since 490", "2 since 490"]);
});

test("a replay to one says nothing of how far the others are", () => {
  const users = new LinkedUsers();
  add(users, 1);
  joins(users);
  users.joined([1], 10);
  tell(users, 480, [1]);
  add(users, 2);
  joins(users);
  tell(users, 600, [2], [2]);
  users.disconnected();
  expect(joins(users)).toEqual(["1 since 480", "2 since 600"]);
});

test("who was asked for and not answered goes on after what the stream had processed when they were", () => {
  const users = new LinkedUsers();
  users.heardOf(70);
  add(users, 1);
  joins(users);
  users.heardOf(90);
  users.disconnected();
  expect(joins(users)).toEqual(["1 since 70"]);
  users.disconnected();
  add(users, 2);
  expect(joins(users)).toEqual(["1 since 70", "2 from now"]);
});

test("what was missed for good is not asked for, and of an erased stream everything is", () => {
  const users = new LinkedUsers();
  add(users, 1);
  joins(users);
  users.joined([1], 10);
  users.disconnected();
  joins(users);
  users.startAnew(1);
  expect(joins(users)).toEqual(["1 from now"]);
  users.joined([1], 20);
  users.reset();
  users.disconnected();
  expect(joins(users)).toEqual(["1 since 0"]);
});

test("whoever leaves is joined no more, and the stream hears of it if it had heard of them", () => {
  const users = new LinkedUsers();
  const [first, second] = [add(users, 1), add(users, 2)];
  expect(users.remove(first)).toBe(false);
  expect(joins(users)).toEqual(["2 from now"]);
  expect(users.remove(second)).toBe(true);
  expect(users.remove(second)).toBe(false);
  users.disconnected();
  expect(joins(users)).toEqual([]);
  expect(users.size).toBe(0);
});
