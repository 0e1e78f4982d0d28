/// Appends HTML to bytes. Markup comes from literals only, everything else is escaped: nothing that a run holds can
/// become markup, because no function here takes markup in a `String`.
struct HTMLBuilder {
  private(set) var bytes: [UInt8] = []

  /// A literal of our own, as it is.
  mutating func markup(_ literal: StaticString) { literal.withUTF8Buffer { bytes.append(contentsOf: $0) } }

  /// The page's own assets and data, as they are: embedded files of this project and base64.
  mutating func asset(_ asset: some Sequence<UInt8>) { bytes.append(contentsOf: asset) }

  /// Text of any origin: control and direction characters visible, markup characters escaped.
  mutating func text(_ text: String) { escape(VisibleText.clean(text)) }

  /// Longer text with its lines kept.
  mutating func lines(_ text: String, bytesMax: Int) {
    escape(VisibleText.clean(text, bytesMax: bytesMax, keepingLines: true))
  }

  private mutating func escape(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): markup("&amp;")
      case UInt8(ascii: "<"): markup("&lt;")
      case UInt8(ascii: ">"): markup("&gt;")
      case UInt8(ascii: "\""): markup("&quot;")
      case UInt8(ascii: "'"): markup("&#39;")
      default: bytes.append(byte)
      }
    }
  }

  /// An element with its end tag.
  mutating func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
    _ content: (inout HTMLBuilder) -> Void = { _ in }
  ) {
    open(name, attributes)
    markup(">")
    content(&self)
    markup("</")
    markup(name)
    markup(">")
  }

  /// An element that only holds text.
  mutating func element(_ name: StaticString, _ className: String, text: String) {
    element(name, ["class": className]) { $0.text(text) }
  }

  /// An SVG element without content.
  mutating func leaf(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>) {
    open(name, attributes)
    markup("/>")
  }

  private mutating func open(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>) {
    markup("<")
    markup(name)
    for (attribute, value) in attributes {
      markup(" ")
      markup(attribute)
      markup("=\"")
      text(value)
      markup("\"")
    }
  }
}
