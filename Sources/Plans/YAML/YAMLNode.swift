import Histories

/// A position in a plan's text: line and column from 1, columns in Unicode scalars.
struct YAMLMark: Hashable, Comparable {
  var line: Int
  var column: Int

  static func < (left: YAMLMark, right: YAMLMark) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// A plan's text as a tree in which everything knows where it stands.
struct YAMLNode {
  enum Content {
    case scalar(YAMLScalar)
    case list([YAMLNode])
    case map([YAMLEntry])
  }

  var content: Content
  var mark: YAMLMark
}

struct YAMLEntry {
  var key: String
  var keyMark: YAMLMark
  var value: YAMLNode
}

struct YAMLScalar {
  var text: String
  /// Without quotes: only then can it be a number, a truth value or null.
  var isPlain: Bool

  /// The value by the core schema of YAML 1.2 (section 10.3.2): `yes` and `on` are texts, `0x1F` is not a number here.
  var value: Value {
    guard isPlain else { return .string(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: return number ?? .string(text)
    }
  }

  private var number: Value? {
    guard let first = text.utf8.first, text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else { return nil }
    if let int = Int64(text) { return .int(int) }
    guard first != UInt8(ascii: "e"), first != UInt8(ascii: "E"), let double = Double(text), double.isFinite else {
      return nil
    }
    return .double(double)
  }
}

extension YAMLNode {
  var scalar: YAMLScalar? {
    if case .scalar(let scalar) = content { return scalar }
    return nil
  }

  /// Whether nothing stands here: `key:` with an empty value, or `null`.
  var isNull: Bool { scalar?.value.isNull ?? false }

  /// As plain data. Keys of mappings are texts.
  var value: Value {
    switch content {
    case .scalar(let scalar): scalar.value
    case .list(let elements): .list(elements.map(\.value))
    case .map(let entries): .map(Dictionary(entries.map { ($0.key, $0.value.value) }, uniquingKeysWith: { $1 }))
    }
  }

  /// What stands here, for a message that expected something else.
  var summary: String {
    switch content {
    case .list: "a list"
    case .map: "a mapping"
    case .scalar(let scalar): scalar.value.isNull ? "nothing" : "'\(scalar.text)'"
    }
  }
}
