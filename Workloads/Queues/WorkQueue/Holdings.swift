import Generators
import Histories

/// What the threads hold of a work queue, and mean to do with it.
struct Holdings: Sendable {
  /// What becomes of a message that somebody got, in the order of the weights.
  enum Fate: String, Hashable, Sendable, CaseIterable {
    /// Acknowledged, or given back, by the next operation of its holder.
    case ack, nack
    /// The same around the end of the visibility timeout: perhaps somebody else has the message by then.
    case lateAck = "late-ack"
    case lateNack = "late-nack"
    /// Its holder says nothing more of it: the queue takes it back by itself.
    case never
  }

  /// Something that a thread is to say of a delivery.
  struct Duty: Hashable, Sendable {
    /// The queue.
    var object: Value
    /// Of the delivery.
    var id: Value
    /// `ack` or `nack`.
    var function: String
    /// Nanoseconds of the run.
    var due: Int64
    /// How often it was said, and nobody knows whether it was heard.
    var attempts = 0

    var operation: GeneratedOperation { GeneratedOperation(function, .keyed(object, id)) }
  }

  /// Times that something is said at most until it is answered.
  static let attemptsMax = 3
  /// A late word comes so long after the message, in visibility timeouts, as it is drawn: before the end and behind it.
  static let late = 0.8...1.6

  private let fates: WeightedChoice
  private let visibility: Int64
  private var stream: RandomStream
  /// By number of the thread.
  private var duties: [[Duty]]

  /// - Parameters:
  ///   - fates: weights, in the order of `Fate`.
  ///   - visibility: nanoseconds.
  init(threads: Int, fates: [Double], visibility: Int64, stream: RandomStream) {
    (self.fates, self.visibility, self.stream) = (WeightedChoice(fates), visibility, stream)
    duties = Array(repeating: [], count: threads)
  }

  /// What the thread has to say at this moment.
  func due(on thread: ThreadID, at time: Int64) -> Duty? { duties[thread.rawValue].first { $0.due <= time } }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    let (thread, completion) = (event.thread.rawValue, event.event)
    guard completion.type != .invoke else { return }
    switch completion.function {
    case "receive":
      guard completion.type == .ok, let (object, answer) = completion.value.keyedPair, let id = answer.map?["id"],
        id != .null
      else { return }
      if let duty = draw(object, id, at: context.time) { duties[thread].append(duty) }
    case "ack", "nack":
      guard let (object, id) = completion.value.keyedPair,
        let place = duties[thread].firstIndex(where: {
          $0.object == object && $0.id == id && $0.function == completion.function
        })
      else { return }
      duties[thread][place].attempts += 1
      if completion.type != .info || duties[thread][place].attempts == Self.attemptsMax {
        duties[thread].remove(at: place)
      }
    default: return
    }
  }

  private mutating func draw(_ object: Value, _ id: Value, at time: Int64) -> Duty? {
    guard let choice = fates.draw(&stream) else { return nil }
    let fate = Fate.allCases[choice]
    let span = Self.late.upperBound - Self.late.lowerBound
    let isLate = fate == .lateAck || fate == .lateNack
    let delay = isLate ? Int64((Self.late.lowerBound + stream.unit() * span) * Double(visibility)) : 0
    switch fate {
    case .ack, .lateAck: return Duty(object: object, id: id, function: "ack", due: time + delay)
    case .nack, .lateNack: return Duty(object: object, id: id, function: "nack", due: time + delay)
    case .never: return nil
    }
  }
}
