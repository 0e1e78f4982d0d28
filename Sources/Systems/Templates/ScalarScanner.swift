/// A cursor over the Unicode scalars of a short text, for the hand-written parsers of templates and JSON paths.
struct ScalarScanner {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// Of the next scalar, from 1.
  var column: Int { position + 1 }
  /// The next scalar; nil at the end.
  var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  mutating func advance() { position += 1 }

  /// Steps over `text` if it comes next.
  mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard position + wanted.count <= scalars.count,
      scalars[position..<position + wanted.count].elementsEqual(wanted)
    else { return false }
    position += wanted.count
    return true
  }

  mutating func skipSpace() {
    while let scalar = peek, scalar == " " || scalar == "\n" || scalar == "\t" { advance() }
  }

  /// A name: a letter or `_`, then letters, digits, `_` and `-`. Nil where none begins.
  mutating func identifier() -> String? {
    guard let first = peek, first == "_" || first.properties.isAlphabetic else { return nil }
    return text { $0 == "_" || $0 == "-" || $0.properties.isAlphabetic || ("0"..."9").contains($0) }
  }

  /// The characters of a number, not yet judged. Nil where none begins.
  mutating func numberText() -> String? {
    guard let first = peek, first == "-" || ("0"..."9").contains(first) else { return nil }
    return text { $0 == "-" || $0 == "+" || $0 == "." || $0 == "e" || $0 == "E" || ("0"..."9").contains($0) }
  }

  /// Steps over an opening quote, single or double, and says which.
  mutating func takeQuote() -> Unicode.Scalar? {
    guard let quote = peek, quote == "'" || quote == "\"" else { return nil }
    advance()
    return quote
  }

  /// A text in quotes, without escapes: one that holds a quote is put in the other kind. Nil where none begins.
  ///
  /// - Throws: where it is not closed.
  mutating func quotedText() throws(TemplateError) -> String? {
    let opened = column
    guard let quote = takeQuote() else { return nil }
    let text = text { $0 != quote }
    guard peek != nil else { throw TemplateError("the text is not closed", column: opened) }
    advance()
    return text
  }

  private mutating func text(while belongs: (Unicode.Scalar) -> Bool) -> String {
    var text = ""
    while let scalar = peek, belongs(scalar) {
      text.unicodeScalars.append(scalar)
      advance()
    }
    return text
  }
}
