"""The story: a session and a webhook that pass through four languages."""

import secrets
import time

from board import Board
from screen import Cell, fit, paint, say
from workers import Reply, Workers, at_once, verdict

COLUMNS = {
    "session": ["handed on", "two at once", "lost response", "access token"],
    "theft": ["stolen token", "owner's token", "verify_fresh", "verify"],
    "webhook": ["check", "tampered body", "deliver", "deliver again"],
}
BODY = '{"deviceId": "p-17", "state": "occupied", "fee": "2 €"}'


class Story:
    """Tells it chapter by chapter. It also plays the app: it holds the session's tokens."""

    def __init__(self, workers: Workers, board: Board, window: float) -> None:
        self.workers = workers
        self.board = board
        self.window = window  # seconds: `concurrent_window`
        self.token = self.access = ""
        self.generation = 0

    def hand_over(self) -> None:
        """A login in one language, a refresh in each."""
        chapter("1. A login, then refreshes handed from language to language")
        pair = self.workers["Rust"].ask("issue", tenant="acme", subject="u-42", client="app")
        tell("Rust", "issue", self.board.judge("Rust, issue", outcome(pair), "issued"), "generation 0")
        self.keep(pair)
        for language in ("Python", "Node", "Kotlin", "Rust"):
            pair = self.workers[language].ask("refresh", token=self.token)
            self.generation += 1
            cell = self.board.note(language, "handed on", outcome(pair), "rotated")
            tell(language, "refresh", cell, f"generation {self.generation}")
            self.keep(pair)
        expected = {"subject": "u-42", "gen": self.generation}
        claims = [worker.ask("verify", access=self.access) for worker in self.workers]
        self.conclude("all four verify the newest access token and read the same claims", str(claims), str([expected] * 4))

    def race(self) -> None:
        """Two present the same token at once."""
        chapter("2. Two tabs refresh with the same token at the same moment")
        request = {"call": "refresh", "token": self.token}
        replies, gap = at_once({self.workers[language]: request for language in ("Python", "Kotlin")})
        self.generation += 1
        aside(f"two processes, asked {gap * 1e6:.0f} µs apart")
        # Either may be first. The other gets the same answer again, so that nobody is logged out.
        winner = next((language for language, reply in replies.items() if outcome(reply) == "rotated"), "Python")
        for language, reply in replies.items():
            expected = "rotated" if language == winner else "retry_concurrent"
            tell(language, "refresh", self.board.note(language, "two at once", outcome(reply), expected), f"generation {self.generation}")
        successors = {reply.get("refresh_token") for reply in replies.values()}
        self.conclude("one successor: both hold the same refresh token, nobody is logged out", str(len(successors)), "1")
        self.keep(replies[winner])

    def lost_response(self) -> str:
        """An answer is lost, and asked for again. Gives the token that was sent twice."""
        chapter("3. The answer to a refresh gets lost; the app asks again")
        old, key = self.token, secrets.token_hex(16)
        aside("before it asks, the app writes down a random retry key of 16 bytes")
        lost = self.workers["Node"].ask("refresh", token=old, retry_key=key)
        self.generation += 1
        tell("Node", "refresh", self.board.note("Node", "lost response", outcome(lost), "rotated"), "the answer never arrives")
        self.wait()
        pair = self.workers["Rust"].ask("refresh", token=old, retry_key=key)
        cell = self.board.note("Rust", "lost response", outcome(pair), "retry_lost")
        tell("Rust", "refresh", cell, f"generation {self.generation}, by the retry key")
        same = pair.get("refresh_token") == lost.get("refresh_token")
        self.conclude("the very token that was lost, computed again: no store holds it", str(same), "True")
        self.keep(pair)
        self.everywhere("verify_fresh", "access token", "valid", "the session is alive", access=self.access)
        return old

    def wait(self) -> None:
        """Let the window for concurrent requests pass."""
        pause = self.window + 0.3
        aside(f"waiting {pause:.1f} s. Within concurrent_window ({self.window:.0f} s) anybody who holds", "yellow")
        aside("the old token counts as a second tab. After it only the retry key counts.", "yellow")
        time.sleep(pause)

    def theft(self, stolen: str) -> None:
        """The old token comes back from somebody else."""
        chapter(f"4. A thief had copied the token of generation {self.generation - 1}, but not its retry key")
        aside("concurrent_window is over: this is no second tab")
        self.tell_stolen("Kotlin", stolen, "reuse", "the first to be shown it")
        for language in ("Rust", "Python", "Node"):
            self.tell_stolen(language, stolen, "revoked (reuse)", "")
        aside("the session is over everywhere: the thief is out, the owner logs in again")
        self.everywhere("refresh", "owner's token", "revoked (reuse)", "the owner's newest token", token=self.token)
        self.everywhere("verify_fresh", "verify_fresh", "jwt_revoked", "the access token, store asked", access=self.access)
        # verify answers from the local view, which verify_fresh has just brought up to date.
        self.everywhere("verify", "verify", "jwt_revoked", "the same, from memory", access=self.access)

    def tell_stolen(self, language: str, stolen: str, expected: str, what: str) -> None:
        """Present the stolen token."""
        reply = self.workers[language].ask("refresh", token=stolen)
        tell(language, "refresh", self.board.note(language, "stolen token", verdict(reply, "accepted"), expected), what)

    def webhook(self) -> None:
        """A webhook is signed once, checked everywhere, used once."""
        chapter("5. A webhook signed in Kotlin")
        signed = self.workers["Kotlin"].ask("sign", endpoint="parking", body=BODY)
        headers = signed.get("headers", [])
        for name, value in headers:
            aside(f"{name}: {value[:40]}{'…' if len(value) > 40 else ''}")
        message = {"endpoint": "parking", "headers": headers, "body": BODY}
        tampered = message | {"body": BODY.replace("occupied", "occupiee")}
        self.everywhere("check", "check", "valid", "as it was signed", **message)
        self.everywhere("check", "tampered body", "signature_mismatch", "one byte changed", **tampered)
        reply = self.workers["Python"].ask("deliver", **message)
        cell = self.board.note("Python", "deliver", verdict(reply, "accepted"), "accepted")
        tell("Python", "deliver", cell, "verified, used, committed")
        self.everywhere("deliver", "deliver again", "replayed", "the same message again", **message)

    def everywhere(self, call: str, column: str, expected: str, what: str, **arguments: object) -> None:
        """Ask all four the same; one line tells it if they agree."""
        replies = {worker.language: worker.ask(call, **arguments) for worker in self.workers}
        cells = {language: self.board.note(language, column, verdict(reply, "valid"), expected) for language, reply in replies.items()}
        if len(set(cells.values())) == 1:
            cells = {"all four": cells["Rust"]}
        for who, cell in cells.items():
            tell(who, call, cell, what)

    def keep(self, pair: Reply) -> None:
        """Store a pair, as the app does."""
        self.token = pair.get("refresh_token", self.token)
        self.access = pair.get("access_token", self.access)

    def conclude(self, text: str, got: str, expected: str) -> None:
        """Say what the chapter shows, or what it does not."""
        shown, styles = self.board.judge(text, got, expected)
        say(f"     {paint('✓', *styles)} {text}" if got == expected else f"     {paint(f'✗ {text}: {shown}', *styles)}")


def outcome(reply: Reply) -> str:
    """What came of an issue or a refresh."""
    return verdict(reply, reply.get("outcome", ""))


def chapter(title: str) -> None:
    """Print the head of a chapter."""
    say()
    say(paint(f"  {title}", "bold", "cyan"))


def tell(who: str, call: str, cell: Cell, what: str) -> None:
    """Print one call and its verdict."""
    text, styles = cell
    say(f"     {fit(who, 10, 'bold')}{fit(call, 14)}{fit(text, 20, *styles)}{paint(what, 'dim')}".rstrip())


def aside(text: str, style: str = "dim") -> None:
    """Print a line that explains."""
    say(paint(f"     {text}", style))
