// A JSON reader for vectors: strict about member names, exact about numbers, and it remembers the text of every object.

const texts = new WeakMap();

/** The text from which an object was read. */
export function sourceOf(object) {
  return texts.get(object);
}

const MAX_DEPTH = 64;

/**
 * Reads a text. A whole number beyond 2^53 becomes a BigInt. Throws a SyntaxError for a fault: also a name that stands twice, a
 * lone surrogate, a number that no double can hold and more depth than vectors have.
 */
export function parse(text) {
  JSON.parse(text); // The grammar is the language's; what follows needs to find its way only in correct texts.
  let at = 0;
  let depth = 0;

  const space = () => {
    while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
  };

  function value() {
    space();
    const start = at;
    if (text[at] === "{" || text[at] === "[") {
      depth += 1;
      if (depth > MAX_DEPTH) throw new SyntaxError("too deep");
      const read = text[at] === "{" ? object(start) : array();
      depth -= 1;
      return read;
    }
    if (text[at] === '"') return string();
    while (at < text.length && !" \t\n\r,]}".includes(text[at])) at += 1;
    return scalar(text.slice(start, at));
  }

  function scalar(word) {
    const number = JSON.parse(word);
    if (number === Infinity || number === -Infinity) throw new SyntaxError("a number that no double can hold");
    if (!/^-?\d+$/.test(word)) return number;
    return Number.isSafeInteger(number) ? number : BigInt(word);
  }

  function string() {
    const start = at;
    at += 1;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    at += 1;
    const read = JSON.parse(text.slice(start, at));
    if (!read.isWellFormed()) throw new SyntaxError("a lone surrogate");
    return read;
  }

  function object(start) {
    const members = Object.create(null);
    at += 1;
    for (space(); text[at] !== "}"; space()) {
      if (text[at] === ",") {
        at += 1;
        space();
      }
      const name = string();
      if (name in members) throw new SyntaxError(`the member ${name} stands twice`);
      space();
      at += 1; // the colon
      members[name] = value();
    }
    at += 1;
    texts.set(members, text.slice(start, at));
    return members;
  }

  function array() {
    const items = [];
    at += 1;
    for (space(); text[at] !== "]"; space()) {
      if (text[at] === ",") at += 1;
      items.push(value());
    }
    at += 1;
    return items;
  }

  return value();
}
