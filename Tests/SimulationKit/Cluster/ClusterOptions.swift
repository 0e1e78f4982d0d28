/// Sizes, times and faults of a simulated cluster. Times are simulated nanoseconds.
public struct ClusterOptions: Sendable {
  /// Members at the beginning.
  public var nodes = 5
  /// Clients, each with one operation at a time.
  public var clients = 10
  /// Faults strike during this time; then everything heals.
  public var faultTime: UInt64 = 3_500 * millisecond
  /// After the heal, what was promised for quiet times must hold within this time.
  public var recoveryTime: UInt64 = 3_000 * millisecond
  /// Clients go on for so long after the heal.
  public var closingTime: UInt64 = 1_500 * millisecond
  /// How often the shell of a node lets it look at the time.
  public var tickInterval: UInt64 = 10 * millisecond
  /// A client gives up on an answer after this time.
  public var clientTimeout: UInt64 = 1_200 * millisecond
  /// A client that may ask again does not wait longer than this; nil for ``clientTimeout``. Impatient ones often ask while
  /// the operation is still under way.
  public var patience: Range<UInt64>?
  /// How often a client asks again.
  public var retriesMax = 3
  /// Whether each message and each record travels as bytes, to test the codecs along the way.
  public var encodes = false
  /// Events in a seed, some twenty times the usual number. More means that nodes answer each other without end.
  public var eventsMax = 1_000_000
  /// What each seed must do at least of what ``Sufficiency/progress`` counts.
  public var progressMin = 50

  /// How long a crashed node is down.
  public var restartDelay: Range<UInt64> = 20 * millisecond..<600 * millisecond
  /// How often, in percent, a node that becomes leader crashes within ``newLeaderLife``.
  public var newLeaderCrashPercent = 0
  /// A few message delays.
  public var newLeaderLife: Range<UInt64> = 0..<6 * millisecond
  /// How many of the faults, in percent, cut a leader off from the other nodes, but not from its clients.
  public var leaderIsolationPercent = 0
  /// Messages in percent that are lost from the beginning on; other weather comes and goes with the faults.
  public var lossPercent = 0
  /// Whether the network always repeats and reorders much.
  public var stormsOnly = false
  /// Whether nodes are paused, and their clocks are wrong.
  public var bendsTime = true

  /// The usual ones.
  public init() {}

  /// When clients stop asking.
  public var clientsEnd: UInt64 { faultTime + closingTime }
}
