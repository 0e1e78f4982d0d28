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
/// | `POST /txn` | `[["r",1,null],["append",1,5]]` | transaction: see ``TransactionAPI`` |
/// | `POST /members` | `{"add":4}` or `{"remove":2}` | change of the membership by one of the servers in `--peers` |
/// | `GET /bank/{key},{key},…` | | read all these accounts at one moment |
/// | `POST /bank/transfer` | `{"from":0,"to":1,"amount":5}` | transfer, if the balance suffices |
///
/// A write takes effect once, however often it is asked for and wherever, if its headers name it: `client` and `sequence`,
/// both decimal numbers from 1 (``CommandID`` says how a client chooses them). Else it is asked for once each time.
///
/// Values are JSON scalars and are kept, compared and returned as the text that was sent; lists grow by appends only.
enum KVAPI {
  /// Longer keys are refused with 400, counted after percent-decoding.
  static let keyBytesMax = 1024

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
    /// The transaction as it was sent, with its reads filled in.
    case transaction([TransactionAPI.Row])
    /// The balances by account.
    case balances([Bytes])
  }

  /// Pure: the same request gives the same route.
  static func route(_ request: ClientRequest) -> Route {
    let route = unnamedRoute(request)
    guard case .operation(.write(let command, _), let form) = route else { return route }
    switch name(in: request.headers) {
    case .success(let id): return .operation(.write(command, id: id), form)
    case .failure(let refusal): return .refused(refusal.response)
    }
  }

  /// The name of a write; nil when it has none.
  private static func name(in headers: HTTPHeaders) -> Result<CommandID?, Refusal> {
    let client = headers["client"]
    let sequence = headers["sequence"]
    if client.isEmpty, sequence.isEmpty { return .success(nil) }
    guard client.count == 1, sequence.count == 1, let number = UInt64(client[0]), number > 0,
      let position = UInt64(sequence[0]), position > 0
    else {
      let detail = "a write that is named has the headers client and sequence, each once, with a number from 1"
      return .failure(Refusal(response: badRequest(detail)))
    }
    return .success(CommandID(client: number, sequence: position))
  }

  private static func unnamedRoute(_ request: ClientRequest) -> Route {
    let names = request.path.map { String(decoding: $0, as: UTF8.self) }
    switch (request.method, names.first, names.count) {
    case (.GET, "health", 1): return .health
    case (.GET, "status", 1): return .status
    case (.POST, "members", 1): return membershipChange(request)
    case (.POST, "txn", 1): return TransactionAPI.transaction(request)
    case (.GET, "bank", 2): return TransactionAPI.balances(names[1])
    case (.POST, "bank", 2) where names[1] == "transfer": return TransactionAPI.transfer(request)
    case (.GET, "kv", 2), (.PUT, "kv", 2): break
    case (.POST, "kv", 3) where names[2] == "cas": break
    default: return .refused(.error(.notFound, "no-route"))
    }
    let key = request.path[1]
    guard isKey(key) else { return .refused(.error(.badRequest, "bad-key")) }
    if request.method == .GET { return .operation(.get(key: key), .plain) }
    return write(key, request)
  }

  /// The body has one field, `add` or `remove`, with the number of a server.
  private static func membershipChange(_ request: ClientRequest) -> Route {
    let fields = (try? JSONText.scalarFields(request.body)) ?? []
    guard fields.count == 1, let node = NodeID(String(decoding: fields[0].value, as: UTF8.self)),
      let make = ["add": MembershipChange.add, "remove": MembershipChange.remove][fields[0].name]
    else { return .refused(badRequest("the body must be {\"add\":SERVER} or {\"remove\":SERVER}, with its number")) }
    return .operation(.changeMembers(make(node)), .plain)
  }

  /// Whether a key has an allowed length.
  static func isKey(_ key: Bytes) -> Bool { !key.isEmpty && key.count <= keyBytesMax }

  /// A PUT or cas; the body must have exactly its fields.
  private static func write(_ key: Bytes, _ request: ClientRequest) -> Route {
    let wanted = request.method == .PUT ? ["value"] : ["from", "to"]
    let values: [Bytes]
    switch scalars(wanted, request.body) {
    case .success(let found): values = found
    case .failure(let refusal): return .refused(refusal.response)
    }
    guard let new = values.last, new != null else { return .refused(badRequest("null stands for an absent key")) }
    if request.method == .PUT { return .operation(.write(.put(key: key, value: new)), .plain) }
    return .operation(.write(.cas(key: key, from: values[0] == null ? nil : values[0], to: new)), .plain)
  }

  /// Why a request is not carried out.
  struct Refusal: Error {
    var response: ClientResponse
  }

  /// The values of a body that has exactly these fields, in the order of the names.
  static func scalars(_ names: [String], _ body: [UInt8]) -> Result<[Bytes], Refusal> {
    let fields: [(name: String, value: [UInt8])]
    do {
      fields = try JSONText.scalarFields(body)
    } catch {
      return .failure(Refusal(response: badRequest("the body is no JSON object of scalars: \(error)")))
    }
    guard fields.map(\.name).sorted() == names.sorted() else {
      let detail = "the body must have exactly the fields \(names.joined(separator: ", "))"
      return .failure(Refusal(response: badRequest(detail)))
    }
    return .success(names.compactMap { name in fields.first { $0.name == name }?.value })
  }

  static let null: Bytes = Array("null".utf8)

  static func badRequest(_ detail: String) -> ClientResponse {
    ClientResponse(.badRequest, json: "{\"error\":\"bad-request\",\"detail\":\(JSONText.quoted(detail))}")
  }

  /// 409 and 412 are definite, nothing was changed; so is 503: the operation was certainly not proposed. 504 is not, and
  /// neither is 410: an earlier attempt may have had an effect.
  static func response(to outcome: Outcome, _ form: AnswerForm) -> ClientResponse {
    switch outcome {
    case .value(let value): ClientResponse(.ok, Array("{\"value\":".utf8) + value + Array("}".utf8))
    case .list(let elements):
      ClientResponse(.ok, Array("{\"value\":".utf8) + TransactionAPI.json(.list(elements)) + Array("}".utf8))
    case .committed(let reads): TransactionAPI.response(reads, form)
    case .aborted(let reason): .error(.conflict, TransactionAPI.name(of: reason))
    case .written: ClientResponse(.ok, json: "{}")
    case .notFound: .error(.notFound, "not-found")
    case .compareFailed: .error(.preconditionFailed, "compare-failed")
    case .changeRefused(let reason): .error(.conflict, name(of: reason))
    case .forgotten: .error(.gone, "forgotten")
    case .noLeader: .error(.serviceUnavailable, "no-leader")
    case .overloaded: .error(.serviceUnavailable, "overloaded")
    case .unknown: .error(.gatewayTimeout, "unknown")
    }
  }

  /// Why a change of the membership was not proposed, as it stands in the response's `error`.
  private static func name(of reason: ChangeRefusal) -> String {
    switch reason {
    case .inProgress: "change-in-progress"
    case .notReady: "leader-not-ready"
    case .unknownServer: "unknown-server"
    case .lastMember: "last-member"
    case .notCaughtUp: "not-caught-up"
    }
  }

  /// 200 when the server can answer clients now, or knows who can; 503 otherwise.
  static func health(of raft: Raft, at now: Nanoseconds) -> ClientResponse {
    raft.isHealthy(at: now)
      ? ClientResponse(.ok, json: "{\"status\":\"ok\"}") : .error(.serviceUnavailable, "not-ready")
  }

  /// The server's view of itself; `dropped` counts messages that found no connection to a peer, `walBytes` is the length of
  /// the write-ahead log's file.
  static func status(of raft: Raft, dropped: Int, walBytes: Int) -> ClientResponse {
    let hash = String(raft.stateHash, radix: 16)
    let fields = [
      "\"id\":\(raft.configuration.id)", "\"role\":\"\(raft.role.rawValue)\"", "\"term\":\(raft.currentTerm)",
      "\"leader\":\(raft.leaderID.map(String.init) ?? "null")", "\"commit\":\(raft.commitIndex)",
      "\"applied\":\(raft.lastApplied)", "\"lastIndex\":\(raft.log.lastIndex)",
      "\"stateHash\":\"\(String(repeating: "0", count: 16 - hash.count))\(hash)\"", "\"keys\":\(raft.machine.count)",
      "\"droppedMessages\":\(dropped)", "\"members\":[\(raft.members.map(String.init).joined(separator: ","))]",
      "\"snapshotIndex\":\(raft.snapshotIndex)", "\"firstIndex\":\(raft.log.base + 1)", "\"walBytes\":\(walBytes)",
    ]
    return ClientResponse(.ok, json: "{\(fields.joined(separator: ","))}")
  }
}
