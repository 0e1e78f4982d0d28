import MessageQueue
import NIOHTTP1
import NodeKit

/// The HTTP interface as a pure mapping: requests to operations, outcomes to responses.
///
/// | request | body | operation |
/// |---|---|---|
/// | `POST /topics/{t}/{p}` | `{"value":v}` | append; answers the offset |
/// | `GET /topics/{t}/{p}/{from}/{max}` | | committed records |
/// | `GET /local/topics/{t}/{p}` | | this replica's own records up to its high watermark |
/// | `POST /groups/{g}/poll` | `{"member":"m","topic":"t","max":n}` | join, commit what the poll before got, get the next |
/// | `POST /groups/{g}/commit` | `{"member":"m","topic":"t"}` | commit all that the member got |
/// | `POST /groups/{g}/leave` | `{"member":"m"}` | leave |
/// | `POST /groups/{g}/drain` | `{"topic":"t"}` | get and commit all that is left |
/// | `POST /queues/{q}` | `{"value":v}` | put in; answers the message's id |
/// | `POST /queues/{q}/receive` | `{"receiver":"r"}`, and `"visibilityMs":n` | be lent a message |
/// | `POST /queues/{q}/ack`, `/nack` | `{"id":"7-2"}` | done with the delivery; give it back |
/// | `GET /queues/{q}/dead` | | messages that failed too often |
/// | `POST /queues/{q}/drain` | | get and remove all that is left |
///
/// A value stands there once, however often it is sent, when its body has `"producer"` and `"sequence"` too: two integers
/// from 1 on that name it. Values are JSON scalars and are kept and returned as the text that was sent.
struct QueueAPI {
  /// Longer names are refused with 400, counted after percent-decoding.
  static let nameBytesMax = 1024

  private let partitions: UInt32
  private let visibility: Nanoseconds
  private let deliveriesMax: UInt32

  init(_ configuration: Configuration) {
    partitions = configuration.partitions
    visibility = configuration.visibility
    deliveriesMax = configuration.deliveriesMax
  }

  /// What a request turns out to be.
  enum Route {
    case operation(MessageQueue.Operation, AnswerForm)
    case health
    case status
    case refused(ClientResponse)
  }

  /// How the outcome is to be written.
  enum AnswerForm {
    /// The outcome alone says it.
    case plain
    /// An offset is a message's id.
    case message
    /// Records name their partitions, with the generation of the group; without.
    case poll, drain
  }

  /// Why a request is not carried out.
  struct Refusal: Error {
    var response: ClientResponse

    init(_ detail: String) {
      response = ClientResponse(
        .badRequest, json: "{\"error\":\"bad-request\",\"detail\":\(JSONText.quoted(detail))}")
    }

    init(_ status: HTTPResponseStatus, _ error: String) { response = .error(status, error) }
  }

  /// Pure: the same request gives the same route.
  func route(_ request: ClientRequest) -> Route {
    do {
      return try route(request, request.path)
    } catch let refusal as Refusal {
      return .refused(refusal.response)
    } catch {
      return .refused(Refusal("the body is no JSON object of scalars: \(error)").response)
    }
  }

  private func route(_ request: ClientRequest, _ path: [Bytes]) throws -> Route {
    let names = path.map { String(decoding: $0, as: UTF8.self) }
    switch (request.method, names.first, names.count) {
    case (.GET, "health", 1): return .health
    case (.GET, "status", 1): return .status
    case (.POST, "topics", 3):
      return .operation(try produce(to: try partition(path[1], names[2]), request.body), .plain)
    case (.GET, "topics", 5):
      let from = try Self.number(names[3], "from")
      let max = Int(clamping: try Self.number(names[4], "max"))
      return .operation(.fetch(try partition(path[1], names[2]), from: from, max: max), .plain)
    case (.GET, "local", 4) where names[1] == "topics":
      return .operation(.local(try partition(path[2], names[3])), .plain)
    case (.POST, "groups", 3): return try groupRoute(try Self.name(path[1]), names[2], request.body)
    case (.POST, "queues", 2):
      return .operation(try produce(to: PartitionID(.queue, try Self.name(path[1])), request.body), .message)
    case (_, "queues", 3):
      return try queueRoute(try Self.name(path[1]), names[2], request.method, request.body)
    default: throw Refusal(.notFound, "no-route")
    }
  }

  // MARK: Topics

  private func partition(_ topic: Bytes, _ index: String) throws -> PartitionID {
    let number = try Self.number(index, "a partition")
    guard number < UInt64(partitions) else { throw Refusal("partitions are numbered from 0 to \(partitions - 1)") }
    return PartitionID(.topic, try Self.name(topic), UInt32(number))
  }

  private func produce(to partition: PartitionID, _ body: [UInt8]) throws -> MessageQueue.Operation {
    let fields = try RequestFields(body, required: ["value"], optional: ["producer", "sequence"])
    guard let value = fields["value"], value != RequestFields.null else {
      throw Refusal("null stands for an absent value")
    }
    let name: ProducerSequence?
    switch (fields["producer"], fields["sequence"]) {
    case (nil, nil): name = nil
    case (let producer?, let sequence?):
      name = ProducerSequence(
        producer: try Self.positive(producer, "producer"), sequence: try Self.positive(sequence, "sequence"))
    default: throw Refusal("producer and sequence go together")
    }
    return .produce(partition, value: value, name)
  }

  // MARK: Groups

  private func groupRoute(_ group: Bytes, _ verb: String, _ body: [UInt8]) throws -> Route {
    switch verb {
    case "poll":
      let fields = try RequestFields(body, required: ["member", "topic", "max"])
      let max = Int(clamping: try Self.positive(try fields.text("max"), "max"))
      return .operation(
        .poll(group: group, member: try fields.name("member"), topic: try fields.name("topic"), max: max), .poll)
    case "commit":
      let fields = try RequestFields(body, required: ["member", "topic"])
      return .operation(
        .commit(group: group, member: try fields.name("member"), topic: try fields.name("topic")), .plain)
    case "leave":
      let fields = try RequestFields(body, required: ["member"])
      return .operation(.leave(group: group, member: try fields.name("member")), .plain)
    case "drain":
      let fields = try RequestFields(body, required: ["topic"])
      return .operation(.drain(group: group, topic: try fields.name("topic")), .drain)
    default: throw Refusal(.notFound, "no-route")
    }
  }

  // MARK: Queues

  private func queueRoute(_ queue: Bytes, _ verb: String, _ method: HTTPMethod, _ body: [UInt8]) throws -> Route {
    let command: QueueCommand
    switch (method, verb) {
    case (.GET, "dead"): command = .expire
    case (.POST, "receive"): command = try receive(body)
    case (.POST, "ack"): command = .ack(try delivery(body))
    case (.POST, "nack"): command = .nack(try delivery(body))
    case (.POST, "drain"):
      _ = try RequestFields(body)
      command = .drain
    default: throw Refusal(.notFound, "no-route")
    }
    return .operation(.queue(name: queue, command), .plain)
  }

  private func receive(_ body: [UInt8]) throws -> QueueCommand {
    let fields = try RequestFields(body, required: ["receiver"], optional: ["visibilityMs"])
    let lent = try fields["visibilityMs"].map { try Self.positive($0, "visibilityMs", max: 1 << 32 - 1) }
    return .receive(visibility: lent.map { $0 * 1_000_000 } ?? visibility, deliveriesMax: deliveriesMax)
  }

  /// `"7-2"`: the second delivery of message 7.
  private func delivery(_ body: [UInt8]) throws -> DeliveryID {
    let fields = try RequestFields(body, required: ["id"])
    let parts = String(decoding: try fields.name("id"), as: UTF8.self).split(
      separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let message = UInt64(parts[0]), message < 1 << 62, let attempt = UInt32(parts[1]) else {
      throw Refusal("an id is that of a delivery, such as 7-2")
    }
    return DeliveryID(message: message, attempt: attempt)
  }

  // MARK: Parts of requests

  static func name(_ bytes: Bytes) throws -> Bytes {
    guard !bytes.isEmpty, bytes.count <= nameBytesMax else { throw Refusal(.badRequest, "bad-name") }
    return bytes
  }
}
