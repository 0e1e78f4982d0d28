import PaxosLog
import SimulationKit

/// What shapes a simulated cluster of paxos-log besides its seed.
public struct PaxosOptions: SimulationOptions {
  public var cluster = ClusterOptions()
  public var bug: PaxosBug?
  public var canary: Canary?
  /// How many logs, and how many registers.
  public var names = 2
  /// Whether only what can be seen from outside is checked: answers to clients, states of nodes, and recovery.
  public var isBlackBox = false
  /// Slots between snapshots; small, so that they are part of every seed.
  public var snapshotInterval: Slot = 40
  /// Slots that stay in the log behind a snapshot.
  public var logTailSlots: Slot = 10

  public init() {}

  public enum Canary: String, SimulationCanary {
    case lyingDisk = "lying-disk"
    /// A restarted node remembers what it accepted, but not what it promised.
    case forgottenPromise = "forgotten-promise"
  }
}

/// What the Paxos simulation counts.
public enum PaxosCounter: Int, CounterName {
  case chosen, noops
  /// Commands that were chosen again.
  case repetitions
  /// Ballots that led.
  case leaders
  /// Parts of snapshots sent to learners, and answers to them with values.
  case snapshotParts, catchUps
}
