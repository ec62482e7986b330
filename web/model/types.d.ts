// The shapes that go between the server, the state and the page. Never knows how any of them is made or shown.

export interface User { id: number; name: string; account?: string; operator?: boolean; bot?: boolean }
export interface Person extends User {
  online?: boolean; away?: string | null; role?: Role; voiced?: boolean; profile?: string; last_seen?: number; last_active?: number;
}
export interface Me { user: User; profile?: string; away?: string | null; position: number }
export type Role = "member" | "voice" | "moderator" | "owner";
export type Key = number | string;

/** A room as the server tells it. */
export interface RoomFacts {
  id: number; name: string; access?: "public" | "invite-only" | "hidden" | "private"; topic?: string; members?: number; role?: Role;
  unread?: number; mentions?: number; archived?: boolean; read?: number; last?: number; slow?: number; moderated?: boolean; limit?: number; keep?: number; keep_days?: number;
  muted?: boolean; direct?: boolean; with?: User;
}
/** A room as the page keeps it: what the server told, and what was heard since. */
export interface Room extends RoomFacts {
  key: Key; unread: number; mentions: number; read: number; last: number; stirred: boolean; stub: boolean;
  timeline: Timeline; people: Map<number, Person> | null; total: number; typing: Map<number, { user: User; until: number }>;
  spoke: Map<number, number>; pins: Set<number> | null;
}

export type Span = string | {
  code?: string; mention?: string; room?: string; link?: string; shown?: Span[];
  emphasis?: Span[]; strong?: Span[]; strike?: Span[]; quote?: Span[];
};
export interface Reaction { emoji: string; count: number; mine?: boolean }
export interface Message {
  room: number; seq: number; position: number; time: number; author: User; kind: "said" | "action" | "notice" | "imported";
  text: string; spans?: Span[]; reply?: number | null; edited?: boolean | number; redacted?: boolean | object; mentions?: number[];
  reactions?: Reaction[]; client_id?: string;
}
export interface Page { messages: Message[]; first?: number; last?: number; position?: number }

export interface Note { what: string; user: User; text?: string; time: number }
export type Item = { seq: number; message: Message; note?: undefined; asOf?: number } | { seq: number; note: Note; message?: undefined; id: number };
export interface Timeline { items: Item[]; start: boolean; end: boolean; loaded: boolean; lo: number; hi: number; turn: number; heard: Message[] }

export interface Waiting {
  id: string; room: Key; text: string; reply?: number; kind?: "action"; at: number; state: "waiting" | "sending" | "refused"; why?: string;
}
export type Row =
  | { key: string; kind: "day"; time: number }
  | { key: string; kind: "line" }
  | { key: string; kind: "start" }
  | { key: string; kind: "notes"; notes: Note[]; count: number }
  | { key: string; kind: "message"; message: Message; follows: boolean; quoted: Message | null }
  | { key: string; kind: "waiting"; entry: Waiting; state: string; follows: boolean };

export interface Happening {
  event: string; position: number; time: number; room?: number; name?: string; user?: User; by?: User; with?: User; seq?: number;
  text?: string | null; spans?: Span[]; emoji?: string; on?: boolean; role?: Role; reason?: string; message?: Message; setting?: string;
  value?: unknown; access?: string; kind?: string; mask?: string; lifted?: boolean; until?: number; from?: string; purge?: number;
  upto?: number; since?: number; key?: string;
}
export interface State {
  me: User | null; away: string | null; profile: string; rooms: Map<Key, Room>; people: Map<number, Person>; open: Key | null; following: boolean;
  ignored: Set<number>; line: Map<Key, number>; notes: number;
}
/** What a reducer touched, and which rooms have to be asked for afresh. */
export interface Change { touched: Set<string>; want: Set<Key>; reload: Set<Key> }

export interface Command { name: string; usage: string; help: string }
export interface Problem extends Error { status: number; code: string; detail: string; after: number }
export type Call = (method: string, path: string, body?: unknown, extra?: { key?: string; signal?: AbortSignal }) => Promise</* biome-ignore lint/suspicious/noExplicitAny: what the server answers */ any>;
