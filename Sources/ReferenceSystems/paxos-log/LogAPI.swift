import NIOHTTP1
import NodeKit
import PaxosLog

/// The HTTP interface as a pure mapping: requests to operations, outcomes to responses.
///
/// | request | body | operation |
/// |---|---|---|
/// | `POST /logs/{log}` | `{"value":3}` | append; answers the index |
/// | `GET /logs/{log}` | | read all entries; the first has index 1 |
/// | `GET /logs/{log}/{index}` | | read one entry |
/// | `GET /logs/{log}/{from}/{to}` | | read the entries from the one index up to, without, the other |
/// | `GET /registers/{key}` | | read |
/// | `PUT /registers/{key}` | `{"value":3}` | write |
/// | `POST /registers/{key}/cas` | `{"from":1,"to":2}` | compare and set; `"from":null` matches an absent key |
/// | `GET /local/…` | | any of these reads, from this replica's own prefix of chosen values |
///
/// An update takes effect once, however often it is sent, when its body has `"client"` and `"sequence"` too: two integers
/// from 1 on that name it. A client numbers its updates upwards, and a new client takes a higher number than those before. Values are JSON scalars and are kept and returned as the text that was sent.
enum LogAPI {
  /// Longer names are refused with 400, counted after percent-decoding.
  static let nameBytesMax = 1024

  /// What a request turns out to be.
  enum Route {
    case operation(Operation, AnswerForm)
    case health
    case status
    case refused(ClientResponse)
  }

  /// How the outcome is to be written.
  enum AnswerForm {
    /// The outcome alone says it.
    case plain
    /// The one entry that was asked for, or 404.
    case entry
  }

  /// Why a request is not carried out.
  private struct Refusal: Error {
    var response: ClientResponse

    init(_ detail: String) {
      response = ClientResponse(
        .badRequest, json: "{\"error\":\"bad-request\",\"detail\":\(JSONText.quoted(detail))}")
    }

    init(_ status: HTTPResponseStatus, _ error: String) { response = .error(status, error) }
  }

  /// Pure: the same request gives the same route.
  static func route(_ request: ClientRequest) -> Route {
    do {
      return try route(request, request.path)
    } catch let refusal as Refusal {
      return .refused(refusal.response)
    } catch {
      return .refused(Refusal("the body is no JSON object of scalars: \(error)").response)
    }
  }

  private static func route(_ request: ClientRequest, _ path: [Bytes]) throws -> Route {
    let names = path.map { String(decoding: $0, as: UTF8.self) }
    switch (request.method, names.first, names.count) {
    case (.GET, "health", 1): return .health
    case (.GET, "status", 1): return .status
    case (.GET, "local", 2...):
      let (query, form) = try query(Array(path.dropFirst()))
      return .operation(.readLocal(query), form)
    case (.GET, _, _):
      let (query, form) = try query(path)
      return .operation(.read(query), form)
    case (.POST, "logs", 2): return try append(to: path[1], request.body)
    case (.PUT, "registers", 2): return try write(path[1], request.body)
    case (.POST, "registers", 3) where names[2] == "cas": return try cas(path[1], request.body)
    default: throw Refusal(.notFound, "no-route")
    }
  }

  // MARK: Reads

  private static func query(_ path: [Bytes]) throws -> (Query, AnswerForm) {
    let kind = path.first.map { String(decoding: $0, as: UTF8.self) }
    switch (kind, path.count) {
    case ("registers", 2): return (.register(key: try name(path[1])), .plain)
    case ("logs", 2): return (.entries(log: try name(path[1]), from: 1, through: .max), .plain)
    case ("logs", 3):
      let index = try index(path[2])
      return (.entries(log: try name(path[1]), from: index, through: index), .entry)
    case ("logs", 4):
      return (.entries(log: try name(path[1]), from: try index(path[2]), through: try index(path[3]) - 1), .plain)
    default: throw Refusal(.notFound, "no-route")
    }
  }

  private static func name(_ bytes: Bytes) throws -> Bytes {
    guard !bytes.isEmpty, bytes.count <= nameBytesMax else { throw Refusal(.badRequest, "bad-name") }
    return bytes
  }

  private static func index(_ bytes: Bytes) throws -> UInt64 {
    guard let index = UInt64(String(decoding: bytes, as: UTF8.self)), index > 0 else {
      throw Refusal("an index is an integer from 1 on")
    }
    return index
  }

  // MARK: Updates

  private static func append(to log: Bytes, _ body: [UInt8]) throws -> Route {
    let (values, id) = try fields(["value"], body)
    return .operation(.update(.append(log: try name(log), value: try present(values[0])), id: id), .plain)
  }

  private static func write(_ key: Bytes, _ body: [UInt8]) throws -> Route {
    let (values, id) = try fields(["value"], body)
    return .operation(.update(.write(key: try name(key), value: try present(values[0])), id: id), .plain)
  }

  private static func cas(_ key: Bytes, _ body: [UInt8]) throws -> Route {
    let (values, id) = try fields(["from", "to"], body)
    let from = values[0] == null ? nil : values[0]
    return .operation(.update(.cas(key: try name(key), from: from, to: try present(values[1])), id: id), .plain)
  }

  private static let null: Bytes = Array("null".utf8)

  private static func present(_ value: Bytes) throws -> Bytes {
    guard value != null else { throw Refusal("null stands for an absent value") }
    return value
  }

  /// The values of a body that has exactly these fields, in the order of the names, and the command's own name if it has
  /// one.
  private static func fields(_ names: [String], _ body: [UInt8]) throws -> ([Bytes], CommandID?) {
    let found = try JSONText.scalarFields(body)
    let sorted = found.map(\.name).sorted()
    let isNamed = sorted == (names + ["client", "sequence"]).sorted()
    guard isNamed || sorted == names.sorted() else {
      throw Refusal(
        "the body must have exactly the fields \(names.joined(separator: ", ")), and may have client and sequence")
    }
    func value(_ name: String) -> Bytes { found.first { $0.name == name }?.value ?? null }
    guard isNamed else { return (names.map(value), nil) }
    let id = CommandID(client: try number(value("client")), sequence: try number(value("sequence")))
    return (names.map(value), id)
  }

  private static func number(_ text: Bytes) throws -> UInt64 {
    guard let number = UInt64(String(decoding: text, as: UTF8.self)), number > 0, number < 1 << 62 else {
      throw Refusal("client and sequence are integers from 1 to 2⁶² - 1")
    }
    return number
  }

  // MARK: Responses

  /// 404 and 412 are definite, nothing was changed; so is 503: the operation was certainly not carried out. 504 is not.
  static func response(to outcome: Outcome, _ form: AnswerForm) -> ClientResponse {
    switch outcome {
    case .appended(let index): ClientResponse(.ok, json: "{\"index\":\(index)}")
    case .tooManyEntries: .error(.payloadTooLarge, "too-many-entries")
    case .entries(let first, let values): entries(first, values, form)
    case .value(let value?): ClientResponse(.ok, Array("{\"value\":".utf8) + value + Array("}".utf8))
    case .value(nil): .error(.notFound, "not-found")
    case .written: ClientResponse(.ok, json: "{}")
    case .notFound: .error(.notFound, "not-found")
    case .compareFailed: .error(.preconditionFailed, "compare-failed")
    case .noLeader: .error(.serviceUnavailable, "no-leader")
    case .overloaded: .error(.serviceUnavailable, "overloaded")
    case .expired: .error(.gatewayTimeout, "expired")
    case .unknown: .error(.gatewayTimeout, "unknown")
    }
  }

  /// `{"entries":[[index,value],…]}`; one entry without the list.
  private static func entries(_ first: UInt64, _ values: [Bytes], _ form: AnswerForm) -> ClientResponse {
    if case .entry = form {
      guard let value = values.first else { return .error(.notFound, "not-found") }
      return ClientResponse(.ok, Array("{\"index\":\(first),\"value\":".utf8) + value + Array("}".utf8))
    }
    var body = Array("{\"entries\":[".utf8)
    for (position, value) in values.enumerated() {
      if position > 0 { body.append(UInt8(ascii: ",")) }
      body += Array("[\(first + UInt64(position)),".utf8) + value + [UInt8(ascii: "]")]
    }
    return ClientResponse(.ok, body + Array("]}".utf8))
  }

  /// 200 when the node can answer clients now, or knows who can; 503 otherwise.
  static func health(of core: MultiPaxos, at now: Nanoseconds) -> ClientResponse {
    core.isHealthy(at: now)
      ? ClientResponse(.ok, json: "{\"status\":\"ok\"}") : .error(.serviceUnavailable, "not-ready")
  }

  /// The node's view of itself; `dropped` counts messages that found no connection to a peer.
  static func status(of core: MultiPaxos, dropped: Int) -> ClientResponse {
    let hash = String(core.stateHash, radix: 16)
    let fields = [
      "\"id\":\(core.configuration.id)", "\"role\":\"\(core.role.rawValue)\"",
      "\"round\":\(core.promised.round)", "\"promised\":\"\(core.promised)\"",
      "\"leader\":\(core.leader.map(String.init) ?? "null")", "\"chosen\":\(core.chosenThrough)",
      "\"lastSlot\":\(core.log.lastSlot)", "\"truncated\":\(core.log.base)",
      "\"stateHash\":\"\(String(repeating: "0", count: 16 - hash.count))\(hash)\"",
      "\"entries\":\(core.machine.entryCount)", "\"droppedMessages\":\(dropped)",
    ]
    return ClientResponse(.ok, json: "{\(fields.joined(separator: ","))}")
  }
}
