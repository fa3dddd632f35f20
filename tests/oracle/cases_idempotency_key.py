"""`idempotency.sequence`: the grammar of the key, from its header lines to what is one key and what is two. idempotency.md B5b."""

from operations import KEY, POLICY, SEED, Operation
from vector_file import VectorFile

NOTES = {
    "Lines": "exactly one header line: none is missing, several are multiple, an empty one is invalid",
    "Bare": 'a bare key is any of 0x21-0x7E but " , ; \\',
    "Quoted": "a string of RFC 9651: escapes, and 0x21-0x7E after unquoting",
    "Length": "8 to 255 bytes after unquoting",
    "Spaces": "leading and trailing spaces are dropped, nothing else is",
    "Comma": "commas are refused everywhere",
    "Parameters": "parameters must be right and mean nothing",
    "Same": "what stands for one key",
    "Different": "what stands for two",
    "Octets": "control characters and bytes past 0x7E are refused",
}
MISSING, MULTIPLE, INVALID = "idempotency_key_missing", "idempotency_key_multiple", "idempotency_key_invalid"


def octets(*parts) -> dict:
    return {"hex": b"".join(part if isinstance(part, bytes) else part.encode() for part in parts).hex()}


def dollar(line):
    """A text that begins with `$` is doubled in a step."""
    return "$" + line if isinstance(line, str) and line.startswith("$") else line


def build():
    file = VectorFile("idempotency/keys.json", NOTES)
    group = file.group("idempotency.sequence", policy=POLICY, seed=SEED)

    def one(comment, flag, line, want="execute"):
        with Operation(group, comment, flag) as s:
            s.begin(0, want, key=dollar(line))

    def two(comment, first, second, same):
        with Operation(group, comment, "Same" if same else "Different") as s:
            s.begin(0, "execute", "a", key=dollar(first))
            s.begin(1, "in_progress" if same else "execute", key=dollar(second))
            s.complete("a", 2)
            if same:
                s.begin(3, "replay", key=dollar(second))

    lines(group, one)
    bare(one)
    quoted(one)
    lengths(one)
    spaces(one)
    commas(one)
    parameters(one)
    bytes_(one)
    pairs(two)
    return [file]


def lines(group, one):
    with Operation(group, "no header line", "Lines") as s:
        s.begin(0, MISSING, key=None)
    one("an empty list of lines", "Lines", [], MISSING)
    one("a list of one line", "Lines", [KEY])
    for comment, several in {
        "two lines": ["order-0001", "order-0002"],
        "the same line twice": [KEY, KEY],
        "a good line and an empty one": [KEY, ""],
        "two empty lines": ["", ""],
        "a good line and a bad one": [KEY, "a,b"],
        "three lines": [KEY, "order-0002", "order-0003"],
        "eight lines": [KEY] * 8,
        "the same key bare and quoted": [KEY, f'"{KEY}"'],
    }.items():
        one(comment, "Lines", several, MULTIPLE)
    one("an empty line", "Lines", "", INVALID)
    one("an empty line in a list", "Lines", [""], INVALID)
    one("a line of spaces", "Lines", "        ", INVALID)
    one("two keys on one line", "Lines", "order-0001, order-0002", INVALID)
    with Operation(group, "a refused key leaves nothing behind", "Lines") as s:
        s.begin(0, INVALID, key="order-0001,")
        s.begin(1, MULTIPLE, key=[KEY, KEY])
        s.begin(2, "execute", "a")
        s.complete("a", 3)
        s.begin(4, "replay")


def bare(one):
    for byte in range(0x21, 0x7F):
        char = chr(byte)
        if char in '",;\\':
            continue
        if not char.isalnum():
            one(f"a bare key with {char} in it", "Bare", f"order{char}0001")
    for char in "!#$%&'()*+-./:<=>?@[]^_`{|}~":
        one(f"a bare key that begins with {char}", "Bare", f"{char}order-1")
    for comment, line in {
        "digits": "00000000000000000001",
        "a UUID": "0193a5f2-7c1e-7b3a-9f00-0123456789ab",
        "upper case": "ORDER-0001",
        "base64": "QUJDREVGR0g=",
        "a number of RFC 9651": "-1234567.5",
        "a byte sequence of RFC 9651": ":QUJDREVGR0g=:",
        "a boolean look-alike": "?1?1?1?1",
        "a date look-alike": "@1795248000",
        "an inner list look-alike": "(abcdef)",
        "a dictionary look-alike": "key=value",
    }.items():
        one(f"bare: {comment}", "Bare", line)
    for comment, line in {
        "a quote in the middle": 'order"0001',
        "a quote at the end": 'order-0001"',
        "a backslash": "order\\0001",
        "an escaped quote": 'order\\"0001',
        "a space": "order 0001",
        "a tab": "order\t0001",
        "a comma": "order,0001",
    }.items():
        one(f"bare: {comment}", "Bare", line, INVALID)


def quoted(one):
    for comment, line in {
        "letters and digits": '"order-0001"',
        "an escaped quote": '"order\\"0001"',
        "an escaped backslash": '"order\\\\0001"',
        "both escapes": '"\\"\\\\\\"\\\\\\"\\\\\\"\\\\"',
        "a semicolon": '"order;0001"',
        "an equals sign": '"order=0001"',
        "a parameter inside": '"order;a=1"',
        "single quotes": "\"'order-1'\"",
        "a dollar sign": '"$order-1"',
        "colons": '"order:a:1"',
        "every visible byte but the comma": '"' + "".join(chr(b) for b in range(0x21, 0x7F) if chr(b) != ",").replace("\\", "\\\\").replace('"', '\\"') + '"',
    }.items():
        one(f"quoted: {comment}", "Quoted", line)
    for comment, line in {
        "nothing": '""',
        "no end": '"order-0001',
        "no beginning": 'order-0001"',
        "a lone quote": '"',
        "two strings": '"order-01""order-02"',
        "two strings apart": '"order-01" "order-02"',
        "text after it": '"order-0001"x',
        "text before it": 'x"order-0001"',
        "a space inside": '"order 0001"',
        "spaces only": '"          "',
        "a space at the end inside": '"order-0001 "',
        "a space at the beginning inside": '" order-0001"',
        "a tab inside": '"order\t0001"',
        "a newline inside": '"order\n0001"',
        "a comma inside": '"order,0001"',
        "another escape": '"order\\n0001"',
        "an escaped slash": '"order\\/0001"',
        "an escape of nothing": '"order-0001\\"',
        "an escaped comma": '"order\\,0001"',
        "a unicode escape": '"order\\u0041-1"',
        "single quotes instead": "'order-0001",
    }.items():
        one(f"quoted: {comment}", "Quoted", line, "execute" if line.startswith("'") else INVALID)


def lengths(one):
    for count, want in ((1, INVALID), (7, INVALID), (8, "execute"), (9, "execute"), (36, "execute"), (254, "execute"), (255, "execute")):
        one(f"bare: {count} bytes", "Length", "k" * count, want)
        one(f"quoted: {count} bytes", "Length", f'"{"k" * count}"', want)
    for count in (256, 257, 512, 4096):
        one(f"bare: {count} bytes", "Length", "k" * count, INVALID)
        one(f"quoted: {count} bytes", "Length", f'"{"k" * count}"', INVALID)
    one("quoted: 255 bytes of 510 written ones", "Length", '"' + '\\"' * 255 + '"')
    one("quoted: 256 bytes of 512 written ones", "Length", '"' + '\\"' * 256 + '"', INVALID)
    one("quoted: 7 bytes of 14 written ones", "Length", '"' + "\\\\" * 7 + '"', INVALID)
    one("quoted: 8 bytes of 16 written ones", "Length", '"' + "\\\\" * 8 + '"')
    one("bare: 7 bytes and a long parameter", "Length", "k" * 7 + ";p=12345678", INVALID)
    one("bare: 255 bytes and a parameter", "Length", "k" * 255 + ";p=1")
    one("7 bytes between spaces", "Length", "  " + "k" * 7 + "  ", INVALID)
    one("255 bytes between spaces", "Length", "  " + "k" * 255 + "  ")


def spaces(one):
    for comment, line in {
        "one before": " order-0001",
        "one behind": "order-0001 ",
        "many around": "     order-0001          ",
        "around a string": '  "order-0001"  ',
        "behind parameters": "order-0001;a=1  ",
        "between ; and its parameter": "order-0001;  a=1;   b",
    }.items():
        one(f"spaces: {comment}", "Spaces", line)
    for comment, line in {
        "a tab before": "\torder-0001",
        "a tab behind": "order-0001\t",
        "a newline behind": "order-0001\n",
        "a carriage return behind": "order-0001\r",
        "a form feed behind": "order-0001\f",
        "before ;": "order-0001 ;a=1",
        "before ; of a string": '"order-0001" ;a=1',
        "a tab behind ;": "order-0001;\ta=1",
        "before =": "order-0001;a =1",
        "behind =": "order-0001;a= 1",
        "a space and a tab behind": "order-0001 \t",
    }.items():
        one(f"spaces: {comment}", "Spaces", line, INVALID)
    one("a no-break space behind", "Spaces", octets(KEY, b"\xc2\xa0"), INVALID)


def commas(one):
    for comment, line in {
        "alone": ",",
        "at the end": "order-0001,",
        "at the beginning": ",order-0001",
        "between two strings": '"order-0001","order-0002"',
        "in a string": '"order,0001"',
        "in a parameter": 'order-0001;p="a,b"',
        "behind parameters": "order-0001;p=1, order-0002",
        "in a display string": 'order-0001;p=%"a,b"',
        "encoded is none": "order%2c0001",
    }.items():
        one(f"a comma {comment}", "Comma", line, "execute" if "%2c" in line else INVALID)


def parameters(one):
    values = {
        "no value": "",
        "an integer": "=1",
        "a negative integer": "=-1",
        "an integer with zeros": "=007",
        "an integer of 15 digits": "=999999999999999",
        "a decimal": "=1.5",
        "a decimal of 12 and 3 digits": "=999999999999.999",
        "a token": "=abc",
        "a token with all it may hold": "=*a!#$%&'*+-.^_`|~:/z",
        "a string": '="x y"',
        "an empty string": '=""',
        "a string with escapes": '="\\"\\\\"',
        "bytes": "=:QUJD:",
        "no bytes": "=::",
        "true": "=?1",
        "false": "=?0",
        "a date": "=@1795248000",
        "a negative date": "=@-1",
        "a display string": '=%"a%c3%bc"',
        "an empty display string": '=%""',
    }
    for comment, value in values.items():
        one(f"a parameter with {comment}", "Parameters", f"order-0001;p{value}")
    one("a string with a parameter", "Parameters", '"order-0001";p=1')
    one("many parameters", "Parameters", '"order-0001"' + "".join(f";p{n}={n}" for n in range(40)))
    one("the same parameter twice", "Parameters", "order-0001;p=1;p=2")
    one("a name that begins with *", "Parameters", "order-0001;*p=1")
    one("a name with all it may hold", "Parameters", "order-0001;a-b_c.d*1=1")
    one("a name of 64 characters", "Parameters", "order-0001;" + "p" * 64)
    wrong = {
        "no name": ";",
        "no name but a value": ";=1",
        "two semicolons": ";;p=1",
        "a semicolon at the end": ";p=1;",
        "a name in upper case": ";P=1",
        "a name that begins with a digit": ";1p=1",
        "a name that begins with -": ";-p=1",
        "a name that begins with _": ";_p=1",
        "a name with a space": ";p q=1",
        "a name with a non-ASCII letter": ";\u00fc=1",
        "no value behind =": ";p=",
        "two =": ";p==1",
        "an integer of 16 digits": ";p=1000000000000000",
        "a lone minus": ";p=-",
        "a plus": ";p=+1",
        "a decimal without fraction": ";p=1.",
        "a decimal without integer": ";p=.5",
        "a decimal of 4 places": ";p=1.2345",
        "a decimal of 13 digits": ";p=1234567890123.5",
        "an exponent": ";p=1e5",
        "a string without end": ';p="a',
        "a string with another escape": ';p="\\n"',
        "a string with a control character": ';p="a\tb"',
        "a string with a non-ASCII letter": ';p="\u00fc"',
        "bytes without end": ";p=:QUJD",
        "bytes of another alphabet": ";p=:QU-_:",
        "a boolean 2": ";p=?2",
        "a boolean without digit": ";p=?",
        "a boolean as a word": ";p=?true",
        "a date with fraction": ";p=@1.5",
        "a date without number": ";p=@",
        "a display string without end": ';p=%"a',
        "a display string without quotes": ";p=%a",
        "a display string in upper-case hex": ';p=%"%C3%BC"',
        "a display string with half an escape": ';p=%"%c"',
        "a display string that is no UTF-8": ';p=%"%ff"',
        "an inner list": ";p=(1 2)",
        "a value and more": ";p=1x",
        "a second item": ";p=1 order-0002",
        "a reserved character": ";p={}",
    }
    for comment, tail in wrong.items():
        one(f"bad parameters: {comment}", "Parameters", f"order-0001{tail}", INVALID)
    for comment in ("no name", "a name in upper case", "an integer of 16 digits", "a string without end"):
        one(f"bad parameters of a string: {comment}", "Parameters", f'"order-0001"{wrong[comment]}', INVALID)


def bytes_(one):
    for byte in (0x00, 0x01, 0x07, 0x0A, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0xA0, 0xFF):
        one(f"bare: byte {byte:#04x}", "Octets", octets("order", bytes([byte]), "0001"), INVALID)
        one(f"quoted: byte {byte:#04x}", "Octets", octets('"order', bytes([byte]), '0001"'), INVALID)
    one("bare: a letter of UTF-8", "Octets", "\u00f6rder-0001", INVALID)
    one("quoted: a letter of UTF-8", "Octets", '"\u00f6rder-0001"', INVALID)
    one("a full-width digit", "Octets", "order-\uff10001", INVALID)
    one("a byte order mark before it", "Octets", octets(b"\xef\xbb\xbf", KEY), INVALID)
    one("a zero byte at the end", "Octets", octets(KEY, b"\x00"), INVALID)
    one("the line as bytes", "Octets", octets(KEY))


def pairs(two):
    for comment, first, second in (
        ("quoted and bare", '"order-0001"', "order-0001"),
        ("bare and quoted", "order-0001", '"order-0001"'),
        ("with and without parameters", "order-0001;p=1", "order-0001"),
        ("other parameters", '"order-0001";p=1', "order-0001;q"),
        ("with and without spaces", "   order-0001 ", "order-0001"),
        ("text and bytes", "order-0001", octets("order-0001")),
        ("a list and a line", ["order-0001"], "order-0001"),
        ("everything at once", '  "order-0001";a;b="x"  ', "order-0001"),
        ("characters that a string need not escape", '"a\'b/c:d=e"', "a'b/c:d=e"),
    ):
        two(f"one key: {comment}", first, second, True)
    for comment, first, second in (
        ("case", "order-000a", "order-000A"),
        ("one byte more", "order-0001", "order-00011"),
        ("single quotes are of the key", "'order-01'", "order-01"),
        ("a quote that is escaped is of the key", '"\\"order-01\\""', '"order-01"'),
        ("a semicolon in a string is of the key", '"order-01;p"', "order-01;p"),
        ("percent encoding is not undone", "order%2d01", "order-01"),
        ("a backslash that is escaped is of the key", '"order\\\\01"', "order01xx"),
        ("zeros in front", "00000001", "000000001"),
    ):
        two(f"two keys: {comment}", first, second, False)
