import DynamoRing
import NIOHTTP1
import NodeKit

/// The HTTP interface as a pure mapping: requests to operations.
///
/// | request | body | operation |
/// |---|---|---|
/// | `GET /kv/{key}` | | all values that nobody has overwritten, and their context |
/// | `PUT /kv/{key}` | `{"value":3,"context":"…"}` | overwrites what the context covers; the value null deletes it |
/// | `GET /lww/{key}`, `PUT /lww/{key}` | `{"value":3}` | a register that keeps its latest write |
/// | `GET /counters/{key}`, `POST /counters/{key}` | `{"add":3}` or `{"subtract":3}` | a counter |
/// | `GET /sets/{key}`, `POST /sets/{key}` | `{"add":3}` or `{"remove":3}` | a set |
/// | `GET /local/…` | | any of these reads, from this replica alone |
/// | `GET /ring/{key}` | | the numbers of the nodes that keep the key, in the order of preference |
///
/// Values are JSON scalars and are kept and returned as the text that was sent.
enum RingAPI {
  /// Longer keys are refused with 400, counted after percent-decoding.
  static let keyBytesMax = 1024

  /// What a request turns out to be.
  enum Route {
    case operation(Operation)
    case preferenceList(Bytes)
    case health
    case status
    case refused(ClientResponse)
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

  /// Pure: the same request to the same members gives the same route.
  static func route(_ request: ClientRequest, members: [NodeID]) -> Route {
    do {
      return try route(request, request.path, members)
    } catch let refusal as Refusal {
      return .refused(refusal.response)
    } catch {
      return .refused(Refusal("the body is no JSON object of scalars: \(error)").response)
    }
  }

  private static func route(_ request: ClientRequest, _ path: [Bytes], _ members: [NodeID]) throws -> Route {
    let names = path.map { String(decoding: $0, as: UTF8.self) }
    switch (request.method, names.first, names.count) {
    case (.GET, "health", 1): return .health
    case (.GET, "status", 1): return .status
    case (.GET, "ring", 2): return .preferenceList(try key(path[1]))
    case (.GET, "local", 3): return .operation(.readLocal(Key(try kind(names[1]), try key(path[2]))))
    case (.GET, let folder?, 2): return .operation(.read(Key(try kind(folder), try key(path[1]))))
    case (.PUT, "kv", 2): return .operation(.update(name: try key(path[1]), try put(request.body, members)))
    case (.PUT, "lww", 2): return .operation(.update(name: try key(path[1]), try write(request.body)))
    case (.POST, "counters", 2): return .operation(.update(name: try key(path[1]), try count(request.body)))
    case (.POST, "sets", 2): return .operation(.update(name: try key(path[1]), try change(request.body)))
    default: throw Refusal(.notFound, "no-route")
    }
  }

  private static func kind(_ folder: String) throws -> Kind {
    switch folder {
    case "kv": return .siblings
    case "lww": return .lastWriter
    case "counters": return .counter
    case "sets": return .set
    default: throw Refusal(.notFound, "no-route")
    }
  }

  private static func key(_ bytes: Bytes) throws -> Bytes {
    guard !bytes.isEmpty, bytes.count <= keyBytesMax else { throw Refusal(.badRequest, "bad-key") }
    return bytes
  }

  // MARK: Updates

  private static let null = Bytes("null".utf8)

  private static func put(_ body: Bytes, _ members: [NodeID]) throws -> Update {
    let fields = try fields(body, oneOf: [["value", "context"], ["value"]])
    let value = fields["value"] ?? null
    return .put(value == null ? nil : value, try context(fields["context"] ?? null, members))
  }

  /// The text that an earlier answer gave; null and the empty text cover nothing. It names members only: what any other
  /// did would be remembered for ever.
  private static func context(_ text: Bytes, _ members: [NodeID]) throws -> CausalContext {
    if text == null { return CausalContext() }
    guard text.count >= 2, text.first == UInt8(ascii: "\""),
      let context = CausalContext(String(decoding: text.dropFirst().dropLast(), as: UTF8.self)), context.isOf(members)
    else { throw Refusal(.badRequest, "bad-context") }
    return context
  }

  private static func write(_ body: Bytes) throws -> Update {
    let fields = try fields(body, oneOf: [["value"]])
    return .write(try present(fields["value"] ?? null))
  }

  private static func count(_ body: Bytes) throws -> Update {
    let fields = try fields(body, oneOf: [["add"], ["subtract"]])
    if let amount = fields["add"] { return .add(try number(amount)) }
    return .subtract(try number(fields["subtract"] ?? null))
  }

  private static func change(_ body: Bytes) throws -> Update {
    let fields = try fields(body, oneOf: [["add"], ["remove"]])
    if let element = fields["add"] { return .insert(try present(element)) }
    return .remove(try present(fields["remove"] ?? null))
  }

  private static func present(_ value: Bytes) throws -> Bytes {
    guard value != null else { throw Refusal("null stands for an absent value") }
    return value
  }

  private static func number(_ text: Bytes) throws -> UInt64 {
    guard let number = UInt64(String(decoding: text, as: UTF8.self)), number <= PNCounter.sumMax else {
      throw Refusal("amounts are integers from 0 to 2⁵³")
    }
    return number
  }

  /// The values of a body that has exactly the fields of one of these shapes.
  private static func fields(_ body: Bytes, oneOf shapes: [Set<String>]) throws -> [String: Bytes] {
    let found = try JSONText.scalarFields(body)
    let names = Set(found.map(\.name))
    guard names.count == found.count, shapes.contains(names) else {
      let wanted = shapes.map { $0.sorted().joined(separator: " and ") }.joined(separator: ", or ")
      throw Refusal("the body must have exactly \(wanted)")
    }
    return Dictionary(found.map { ($0.name, $0.value) }, uniquingKeysWith: { a, _ in a })
  }
}
