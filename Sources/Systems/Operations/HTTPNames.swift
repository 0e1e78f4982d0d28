/// What HTTP allows in the names of a plan, so that a mistake is found before a run and not by its first request.
public enum HTTPNames {
  /// Why a client cannot send a header of this name; nil where it can.
  public static func problem(header name: String) -> String? {
    do {
      try RequestValidation.check(header: HTTPHeader(name, ""))
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Whether this is a method: a token in capitals, as all registered ones are (RFC 9110, section 16.1).
  public static func isMethod(_ text: String) -> Bool {
    text == text.uppercased() && (try? RequestValidation.check(method: text)) != nil
  }
}

extension Template {
  /// The first character of the template's own text that a URL cannot hold as it is; nil where there is none.
  public var firstCharacterToEncode: Character? {
    for case .text(let bytes) in segments {
      let text = String(decoding: bytes, as: UTF8.self)
      if let bad = text.first(where: { !$0.isASCII || $0 <= " " || "\"#<>\\^`{|}\u{7F}".contains($0) }) { return bad }
    }
    return nil
  }

  /// Whether there is no expression in it: then its text is what it renders to.
  public var isConstant: Bool { !segments.contains { if case .expression = $0 { true } else { false } } }
}
