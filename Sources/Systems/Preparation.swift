/// A file that every node finds before its processes start for the first time: an entry of `system.files`.
public struct FileDescription: Sendable, Hashable {
  /// From the node's data directory, where it is not absolute.
  public var path: Template
  public var content: Template
  /// Permission bits.
  public var mode: UInt32

  public init(path: Template, content: Template, mode: UInt32) {
    self.path = path
    self.content = content
    self.mode = mode
  }
}

/// A program that runs to its end while a run is set up: an entry of `system.setup`.
public struct SetupStep: Sendable, Hashable {
  public enum Moment: String, Sendable, Hashable, CaseIterable {
    /// Before any of the system's processes; files are there.
    case start
    /// When the nodes have answered that they are ready. They are asked once more afterwards.
    case ready
  }

  public enum Place: String, Sendable, Hashable, CaseIterable {
    /// Every node, side by side.
    case each
    /// The first node.
    case first
    /// Every node but the first, one after the other.
    case others
  }

  public var process: ProcessDescription
  public var moment: Moment
  public var place: Place
  public var timeoutSeconds: Double

  public init(process: ProcessDescription, moment: Moment, place: Place, timeoutSeconds: Double) {
    self.process = process
    self.moment = moment
    self.place = place
    self.timeoutSeconds = timeoutSeconds
  }
}
