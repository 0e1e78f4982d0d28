import Histories

/// One queue of a history, in columns: its messages, by whom they were put in, taken out, and perhaps taken out.
///
/// A message is known by its value, so every enqueue that did not fail needs a value of its own. Both kinds of queue
/// share this: one whose dequeue removes (`dequeue`), and one that lends messages until they are acknowledged
/// (`receive`, `ack`, `nack`).
struct QueueObject {
  static let never = EventIndex.never

  /// One value; event indices. 32 bytes.
  struct Message {
    var word: ValueWord
    /// The enqueue that did not fail: its invocation.
    var enqueued = QueueObject.never
    /// Its completion, where it was acknowledged.
    var acknowledged = QueueObject.never
    /// The first enqueue that failed: its invocation.
    var failed = QueueObject.never
    /// The process of the enqueue that did not fail.
    var producer: Int32 = 0
    /// How often it certainly came out.
    var deliveries: UInt32 = 0
    /// The first completion of an operation that took it.
    var firstReturn = QueueObject.never

    var isAcknowledged: Bool { acknowledged != QueueObject.never }
  }

  /// One message that came out, with the operation that took it.
  struct Delivery {
    var message: UInt32
    var invocation: UInt32
    var completion: UInt32
    /// Its place in what a drain lists, from 1; 0 where it came alone.
    var place: UInt32
  }

  /// One completed drain: what was left in the queue came out.
  struct Drain {
    var invocation: UInt32
    var completion: UInt32
  }

  /// An `ack` or `nack` that did not fail, of a message that came out under its id.
  struct Release {
    var message: UInt32
    var invocation: UInt32
    /// `never` unless it was acknowledged.
    var completion: UInt32
    var isAck: Bool
    /// Whether its id had come out with another message before, which it may be of instead.
    var isDoubtful = false

    /// Whether it was acknowledged, and certainly is of this message.
    var isAcknowledged: Bool { completion != QueueObject.never && !isDoubtful }
  }

  let history: History
  /// The queue; nil where the history holds one only.
  let key: Value?
  /// In order of first use.
  var messages: [Message] = []
  /// In order of invocation, and of their places.
  var deliveries: [Delivery] = []
  /// In order of invocation.
  var drains: [Drain] = []
  /// Operations of unknown outcome that may have taken messages.
  var takers = UnknownTakers()
  var releases: [Release] = []
  /// Acks and nacks of ids that no message came out under.
  var strayReleases = 0
  /// The acks among them, each of which may have taken one message off the queue.
  var strayAcks = UnknownTakers()
  /// Two messages that came out under one id, by their deliveries.
  var sharedIDs: [(first: UInt32, second: UInt32)] = []

  init(_ history: History, _ key: Value?) { (self.history, self.key) = (history, key) }

  /// The message's value.
  func value(_ message: UInt32) -> Value { history.values.value(messages[Int(message)].word) }

  /// The deliveries of one message; for sentences, as it looks through all.
  func deliveries(of message: UInt32) -> [Delivery] { deliveries.filter { $0.message == message } }
}
