import NIOHTTP1
import NodeKit
import RaftKV

/// Transactions as clients write them: a JSON array of micro-operations in Jepsen's form, answered by the same array with
/// the reads filled in.
///
/// | micro-operation | meaning |
/// |---|---|
/// | `["r",k,null]` | read; the answer has the value, a list, or null for an absent key |
/// | `["w",k,v]` | write a register |
/// | `["append",k,v]` | append to a list |
/// | `["add",k,n]` | add to an integer register; an absent one is 0 |
/// | `["at-least",k,n]` | abort unless the integer register holds n or more |
///
/// Keys are strings without escapes, or integers: `5` is the key `"5"`, and the one of `GET /kv/5`. Values are scalars but
/// null. All steps take effect at one moment, or none does: 409 with `insufficient`, `wrong-type` or `too-large`.
enum TransactionAPI {
  /// One micro-operation as the texts that were sent.
  struct Row {
    var name: String
    var key: Bytes
    var value: Bytes
  }

  // MARK: Requests

  /// `POST /txn`
  static func transaction(_ request: ClientRequest) -> KVAPI.Route {
    do {
      let texts = try JSONText.scalarRows(request.body, rowsMax: Transaction.operationsMax)
      guard !texts.isEmpty else { throw BadOperation(position: 0, expected: "at least one micro-operation") }
      let rows = try texts.enumerated().map { try row($1, at: $0) }
      let operations = try rows.enumerated().map { try operation($1, at: $0) }
      return .operation(.write(.transaction(Transaction(operations))), .transaction(rows))
    } catch {
      return .refused(KVAPI.badRequest("the body is no transaction: \(error)"))
    }
  }

  /// A micro-operation that cannot be understood.
  private struct BadOperation: Error, CustomStringConvertible {
    let position: Int
    let expected: String
    var description: String { "expected \(expected) at position \(position)" }
  }

  private static func row(_ texts: [Bytes], at position: Int) throws -> Row {
    guard texts.count == 3, let name = unquoted(texts[0]) else {
      throw BadOperation(position: position, expected: "a name, a key and a value")
    }
    return Row(name: String(decoding: name, as: UTF8.self), key: texts[1], value: texts[2])
  }

  private static func operation(_ row: Row, at position: Int) throws -> MicroOperation {
    func bad(_ expected: String) -> BadOperation { BadOperation(position: position, expected: expected) }
    guard let key = key(row.key) else {
      throw bad("an integer, or a string without escapes of 1 to \(KVAPI.keyBytesMax) bytes, as the key")
    }
    if row.name == "r" {
      guard row.value == KVAPI.null else { throw bad("null as the value of a read") }
      return .read(key: key)
    }
    guard row.value != KVAPI.null else { throw bad("a value other than null, which stands for an absent key,") }
    switch row.name {
    case "w": return .write(key: key, value: row.value)
    case "append": return .append(key: key, element: row.value)
    case "add", "at-least":
      guard let amount = integer(row.value) else { throw bad("an integer of 64 bits as the amount") }
      return row.name == "add" ? .add(key: key, amount: amount) : .atLeast(key: key, amount: amount)
    default: throw bad("r, w, append, add or at-least, not \(row.name),")
    }
  }

  /// `POST /bank/transfer`: one transaction of a guard and two sums. An account is the integer at its key.
  static func transfer(_ request: ClientRequest) -> KVAPI.Route {
    switch KVAPI.scalars(["from", "to", "amount"], request.body) {
    case .failure(let refusal): return .refused(refusal.response)
    case .success(let values):
      guard let from = key(values[0]), let to = key(values[1]) else {
        return .refused(KVAPI.badRequest("from and to must be keys: integers, or strings without escapes"))
      }
      guard let amount = integer(values[2]), amount >= 0 else {
        return .refused(KVAPI.badRequest("the amount must be an integer, 0 or more"))
      }
      let steps: [MicroOperation] = [
        .atLeast(key: from, amount: amount), .add(key: from, amount: -amount), .add(key: to, amount: amount),
      ]
      return .operation(.write(.transaction(Transaction(steps))), .plain)
    }
  }

  /// `GET /bank/{key},{key},…`
  static func balances(_ list: String) -> KVAPI.Route {
    let keys = list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Bytes($0) }
    guard keys.allSatisfy(KVAPI.isKey) else { return .refused(.error(.badRequest, "bad-key")) }
    guard keys.count <= Transaction.operationsMax, Set(keys).count == keys.count else {
      return .refused(KVAPI.badRequest("at most \(Transaction.operationsMax) accounts can be read, each once"))
    }
    return .operation(.write(.transaction(Transaction(keys.map { .read(key: $0) }))), .balances(keys))
  }

  /// The key that a scalar names; nil when it names none.
  private static func key(_ text: Bytes) -> Bytes? {
    let key = integer(text) == nil ? unquoted(text) : text
    return key.flatMap { KVAPI.isKey($0) ? $0 : nil }
  }

  private static func integer(_ text: Bytes) -> Int64? { Int64(String(decoding: text, as: UTF8.self)) }

  /// What a string literal without escapes says; nil for anything else.
  private static func unquoted(_ text: Bytes) -> Bytes? {
    let quote = UInt8(ascii: "\"")
    guard text.count >= 2, text.first == quote, !text.contains(UInt8(ascii: "\\")) else { return nil }
    return Bytes(text.dropFirst().dropLast())
  }

  // MARK: Responses

  /// The answer to a transaction that took effect, or read.
  static func response(_ reads: [StoredValue?], _ form: KVAPI.AnswerForm) -> ClientResponse {
    switch form {
    case .plain: ClientResponse(.ok, json: "{}")
    case .balances(let keys):
      ClientResponse(.ok, joined(zip(keys, reads).map { member($0, $1) }, between: "{", "}"))
    case .transaction(let rows): ClientResponse(.ok, filled(rows, reads))
    }
  }

  private static func member(_ key: Bytes, _ balance: StoredValue?) -> Bytes {
    Array("\(JSONText.quoted(String(decoding: key, as: UTF8.self))):".utf8) + json(balance)
  }

  /// The rows as they were sent, but each read with what it gave.
  private static func filled(_ rows: [Row], _ reads: [StoredValue?]) -> Bytes {
    var next = reads.makeIterator()
    let texts = rows.map { row in
      let value = row.name == "r" ? json(next.next() ?? nil) : row.value
      return joined([Array(JSONText.quoted(row.name).utf8), row.key, value], between: "[", "]")
    }
    return joined(texts, between: "[", "]")
  }

  /// What a key holds, as JSON; null when it is absent.
  static func json(_ value: StoredValue?) -> Bytes {
    switch value {
    case nil: KVAPI.null
    case .register(let text): text
    case .list(let elements): joined(elements, between: "[", "]")
    }
  }

  private static func joined(_ texts: [Bytes], between open: String, _ close: String) -> Bytes {
    Array(open.utf8) + texts.joined(separator: [UInt8(ascii: ",")]) + Array(close.utf8)
  }

  /// Why a transaction was aborted, as it stands in the response's `error`.
  static func name(of reason: AbortReason) -> String {
    switch reason {
    case .insufficient: "insufficient"
    case .wrongType: "wrong-type"
    case .tooLarge: "too-large"
    case .conflict: "conflict"
    }
  }
}
