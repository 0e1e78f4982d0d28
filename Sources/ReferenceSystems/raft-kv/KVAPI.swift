import NIOHTTP1
import NodeKit
import RaftKV

/// The HTTP interface as a pure mapping: requests to operations, outcomes to responses.
///
/// | request | body | operation |
/// |---|---|---|
/// | `GET /kv/{key}` | | read |
/// | `PUT /kv/{key}` | `{"value":3}` | write |
/// | `POST /kv/{key}/cas` | `{"from":1,"to":2}` | compare and set; `"from":null` matches an absent key |
///
/// Values are JSON scalars and are kept, compared and returned as the text that was sent.
enum KVAPI {
  /// Longer keys are refused with 400, counted after percent-decoding.
  static let keyBytesMax = 1024

  /// What a request turns out to be.
  enum Route {
    case operation(Operation)
    case health
    case status
    case refused(ClientResponse)
  }

  /// Pure: the same request gives the same route.
  static func route(_ request: ClientRequest) -> Route {
    let names = request.path.map { String(decoding: $0, as: UTF8.self) }
    switch (request.method, names.first, names.count) {
    case (.GET, "health", 1): return .health
    case (.GET, "status", 1): return .status
    case (.GET, "kv", 2), (.PUT, "kv", 2): break
    case (.POST, "kv", 3) where names[2] == "cas": break
    default: return .refused(.error(.notFound, "no-route"))
    }
    let key = request.path[1]
    guard !key.isEmpty, key.count <= keyBytesMax else { return .refused(.error(.badRequest, "bad-key")) }
    if request.method == .GET { return .operation(.get(key: key)) }
    return write(key, request)
  }

  /// A PUT or cas; the body must have exactly its fields.
  private static func write(_ key: Bytes, _ request: ClientRequest) -> Route {
    let fields: [(name: String, value: [UInt8])]
    do {
      fields = try JSONText.scalarFields(request.body)
    } catch {
      return .refused(badRequest("the body is no JSON object of scalars: \(error)"))
    }
    let wanted = request.method == .PUT ? ["value"] : ["from", "to"]
    guard fields.map(\.name).sorted() == wanted else {
      return .refused(badRequest("the body must have exactly the fields \(wanted.joined(separator: ", "))"))
    }
    let values = wanted.compactMap { name in fields.first { $0.name == name }?.value }
    guard let new = values.last, new != null else { return .refused(badRequest("null stands for an absent key")) }
    if request.method == .PUT { return .operation(.write(.put(key: key, value: new))) }
    return .operation(.write(.cas(key: key, from: values[0] == null ? nil : values[0], to: new)))
  }

  private static let null: Bytes = Array("null".utf8)

  private static func badRequest(_ detail: String) -> ClientResponse {
    ClientResponse(.badRequest, json: "{\"error\":\"bad-request\",\"detail\":\(JSONText.quoted(detail))}")
  }

  /// 503 is definite: the operation was certainly not proposed. 504 is not.
  static func response(to outcome: Outcome) -> ClientResponse {
    switch outcome {
    case .value(let value): ClientResponse(.ok, Array("{\"value\":".utf8) + value + Array("}".utf8))
    case .written: ClientResponse(.ok, json: "{}")
    case .notFound: .error(.notFound, "not-found")
    case .compareFailed: .error(.preconditionFailed, "compare-failed")
    case .noLeader: .error(.serviceUnavailable, "no-leader")
    case .overloaded: .error(.serviceUnavailable, "overloaded")
    case .unknown: .error(.gatewayTimeout, "unknown")
    }
  }

  /// 200 when the server can answer clients now, or knows who can; 503 otherwise.
  static func health(of raft: Raft, at now: Nanoseconds) -> ClientResponse {
    raft.isHealthy(at: now)
      ? ClientResponse(.ok, json: "{\"status\":\"ok\"}") : .error(.serviceUnavailable, "not-ready")
  }

  /// The server's view of itself; `dropped` counts messages that found no connection to a peer.
  static func status(of raft: Raft, dropped: Int) -> ClientResponse {
    let hash = String(raft.stateHash, radix: 16)
    let fields = [
      "\"id\":\(raft.configuration.id)", "\"role\":\"\(raft.role.rawValue)\"", "\"term\":\(raft.currentTerm)",
      "\"leader\":\(raft.leaderID.map(String.init) ?? "null")", "\"commit\":\(raft.commitIndex)",
      "\"applied\":\(raft.lastApplied)", "\"lastIndex\":\(raft.log.lastIndex)",
      "\"stateHash\":\"\(String(repeating: "0", count: 16 - hash.count))\(hash)\"", "\"keys\":\(raft.machine.count)",
      "\"droppedMessages\":\(dropped)",
    ]
    return ClientResponse(.ok, json: "{\(fields.joined(separator: ","))}")
  }
}
