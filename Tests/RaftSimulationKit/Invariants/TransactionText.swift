import RaftKV

// Transactions and what became of them in words, for violations.

extension MicroOperation {
  var text: String {
    let name = String(decoding: key, as: UTF8.self)
    switch self {
    case .read: return "r \(name)"
    case .write(_, let value): return "w \(name) \(String(decoding: value, as: UTF8.self))"
    case .append(_, let element): return "append \(name) \(String(decoding: element, as: UTF8.self))"
    case .add(_, let amount): return "add \(name) \(amount)"
    case .atLeast(_, let amount): return "at-least \(name) \(amount)"
    }
  }
}

extension Transaction {
  var text: String { "[\(operations.map(\.text).joined(separator: ", "))]" }
}

extension StoredValue {
  var text: String {
    switch self {
    case .register(let value): String(decoding: value, as: UTF8.self)
    case .list(let elements): "[\(elements.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))]"
    }
  }
}

extension Outcome {
  var text: String {
    guard case .committed(let reads) = self else { return "\(self)" }
    return "committed(\(reads.map { $0?.text ?? "nothing" }.joined(separator: ", ")))"
  }
}
