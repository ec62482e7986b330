"""What the run knows beside the document: how to come in, and what is there to be asked for.

Every case is asked by somebody who has a room of their own with a message in it, so that most of what is understood can be
done. Afterwards each operation must have been done at least once: else the run says nothing of it."""

import atexit
import itertools
import json
import os

import requests
import schemathesis

BASE = os.environ["CHATROOM"] + "/api/v1"
numbers = itertools.count(1)


class Somebody:
    """Who asks, with a room, and a friend in it."""

    def __init__(self):
        self.name, self.friend = f"tester{next(numbers)}", f"friend{next(numbers)}"
        self.key, friend = come(self.name, password="correct horse", register=True), come(self.friend)
        self.room = self.make("POST", "/rooms", name=self.name)["name"].removeprefix("#")
        answer = requests.put(f"{BASE}/rooms/{self.room}/membership", headers=bearer(friend), timeout=30)
        answer.raise_for_status()
        self.bot = f"robot{next(numbers)}"
        self.make("POST", "/bots", name=self.bot)

    def webhook(self):
        """One that is there. A room has few of them, so those before go."""
        path = f"/rooms/{self.room}/webhooks"
        for one in self.make("GET", path)["webhooks"]:
            self.make("DELETE", f"{path}/{one['id']}")
        return self.make("POST", path, url="https://example.org/hook")["id"]

    def make(self, method, path, **body):
        answer = requests.request(method, BASE + path, json=body or None, headers=bearer(self.key), timeout=30)
        # What was so already is as it is to be.
        if answer.status_code != 409:
            answer.raise_for_status()
        return answer.json() if answer.content else None

    def is_there(self):
        """Whether their key is still good, and their room there."""
        return requests.get(f"{BASE}/rooms/{self.room}/pins", headers=bearer(self.key), timeout=30).ok


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def come(name, **more):
    answer = requests.post(f"{BASE}/sessions", json={"name": name} | more, timeout=30)
    answer.raise_for_status()
    return answer.json()["key"]


KINDS = ("ban", "mute", "exempt", "welcome")
# Whoever asks these may end a key, or a room, or change it for good: it is their last.
LAST = {
    ("DELETE", "/sessions/{id}"),
    ("PUT", "/me/operator"),
    ("DELETE", "/rooms/{room}"),
    ("PATCH", "/rooms/{room}"),
    ("DELETE", "/rooms/{room}/membership"),
    ("DELETE", "/rooms/{room}/members/{name}"),
    ("PUT", "/rooms/{room}/members/{name}"),
}
now, doubtful = None, False


def somebody():
    global now, doubtful
    if now is None or (doubtful and not now.is_there()):
        now = Somebody()
    doubtful = False
    return now


@schemathesis.auth(refresh_interval=None)
class Keys:
    def get(self, case, context):
        return somebody().key

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


turns = {}


def is_there(context):
    """Takes turns, for each operation."""
    asked = (context.operation.method, context.operation.path)
    turns[asked] = turns.get(asked, 0) + 1
    return turns[asked] % 4 != 0


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """What is well said means, but for one time in four, something that is there."""
    given = dict(path_parameters or {})
    if context.operation is None or not is_there(context):
        return path_parameters
    who, path = somebody(), context.operation.path
    if "room" in given:
        given["room"] = who.room
    if "name" in given:
        given["name"] = who.bot if path.startswith("/bots") else who.friend
    if path == "/bots/{name}":
        who.make("POST", f"/bots/{who.bot}/keys", label="one to end", scopes=["read"])
    if "mask" in given:
        given["mask"] = who.friend
        if context.operation.method.upper() == "DELETE" and given["kind"] in KINDS:
            who.make("PUT", f"/rooms/{who.room}/sanctions/{given['kind']}/{who.friend}")
    if "emoji" in given:
        given["emoji"] = "👍"
    if isinstance(given.get("seq"), int):
        given["seq"] = who.make("POST", f"/rooms/{who.room}/messages", text="hello")["seq"]
    if isinstance(given.get("id"), int) and "/purges/" in path:
        given["id"] = who.make("POST", f"/rooms/{who.room}/purges", user=who.friend)["id"]
    if isinstance(given.get("id"), int) and "/webhooks/" in path:
        given["id"] = who.webhook()
    if path == "/me/ignored/{name}" and context.operation.method.upper() == "DELETE":
        who.make("PUT", f"/me/ignored/{who.friend}")
    if path == "/sessions/{id}":
        given["id"] = "current"
    return given


@schemathesis.hook
def map_body(context, body):
    path = context.operation.path
    if path == "/me/password" and isinstance(body, dict) and isinstance(body.get("password"), str):
        return {**body, "password": "correct horse"}
    if path == "/me/operator" and isinstance(body, dict) and isinstance(body.get("token"), str) and is_there(context):
        return {**body, "token": os.environ["SETUP"]}
    if path == "/bots" and isinstance(body, dict) and isinstance(body.get("name"), str) and is_there(context):
        return {**body, "name": f"robot{next(numbers)}"}
    if path == "/bots/{name}/keys" and isinstance(body, dict) and isinstance(body.get("scopes"), list) and is_there(context):
        return {**body, "label": "bot", "scopes": ["read", "write"]}
    if path.endswith("/webhooks") and isinstance(body, dict) and isinstance(body.get("url"), str) and is_there(context):
        somebody().webhook()
        return {**body, "url": "https://example.org/other"}
    if isinstance(body, dict) and isinstance(body.get("user"), str) and is_there(context):
        if path.endswith("/invites"):
            come(name := f"guest{next(numbers)}")
            return {**body, "user": name}
        return {**body, "user": somebody().friend}
    return body


done = {}


@schemathesis.hook
def after_call(context, case, response):
    global now, doubtful
    asked, well = (case.method.upper(), case.operation.path), response.status_code < 300
    if case.operation.method.upper() == asked[0]:
        done[asked] = done.get(asked, 0) + well
    if asked in LAST and well:
        now = None
    doubtful = doubtful or response.status_code in (401, 403, 404)


@schemathesis.check
def nothing_is_told_that_is_not_written(ctx, response, case):
    """The document leaves room for what is added later; what is told now stands in it."""
    schema = written(case.operation.schema.raw_schema, case, response)
    if schema is not None:
        compare(case.operation.schema.raw_schema, schema, json.loads(response.content), case.operation.path)


def written(document, case, response):
    operation = document["paths"][case.operation.path].get(case.method.lower(), {})
    answer = resolved(document, operation.get("responses", {}).get(str(response.status_code), {}))
    for content in answer.get("content", {}).values():
        return content["schema"]
    return None


def resolved(document, schema):
    while "$ref" in schema:
        at, schema = schema["$ref"], document
        for part in at.removeprefix("#/").split("/"):
            schema = schema[part]
    return schema


def properties(document, schema):
    schema = resolved(document, schema)
    all = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []) + schema.get("oneOf", []):
        all |= properties(document, part)
    return all


def compare(document, schema, value, at):
    schema = resolved(document, schema)
    if isinstance(value, list):
        for one in value:
            compare(document, schema.get("items", {}), one, f"{at}[]")
    if isinstance(value, dict):
        known = properties(document, schema)
        for name, inner in value.items():
            assert name in known, f"{at}.{name} is told and not written down"
            compare(document, known[name], inner, f"{at}.{name}")


@atexit.register
def report():
    with open(os.environ["DONE"], "w", encoding="utf-8") as out:
        json.dump([[method, path, times] for (method, path), times in sorted(done.items())], out)
