import Histories

/// What whoever knows the system says of it, because no history can: each is for some models, and has a default.
public struct Assumptions: Hashable, Sendable {
  /// One of them, by the option of the command line that gives it.
  public enum Name: String, Hashable, Sendable, CaseIterable {
    case visibilityTimeout = "visibility-timeout"
    case consumersStart = "consumers-start"
    case currentReads = "current-reads"
    case quiescence
  }

  /// Where a consumer of a partition begins that has no position there yet.
  public enum ConsumersStart: String, Hashable, Sendable, CaseIterable {
    /// Kafka's `auto.offset.reset=earliest`.
    case beginning
    /// At the end, which is Kafka's `latest`, or wherever a group has committed to.
    case anywhere
  }

  /// Nanoseconds for which a message that was delivered is hidden from others; nil where nobody says.
  public var visibilityTimeout: Int64?
  public var consumersStart = ConsumersStart.beginning
  /// Every full read of a replica shows all that was acknowledged before it, not only the last one.
  public var readsAreCurrent = false
  /// Nanoseconds after the last update and the last fault within which replicas hear of everything; nil where nobody
  /// says: then a read that began any later shows the last state.
  public var quiescence: Int64?

  public init() {}

  /// Those that are not as they are where nobody says anything.
  public var given: Set<Name> {
    var names: Set<Name> = []
    if visibilityTimeout != nil { names.insert(.visibilityTimeout) }
    if consumersStart != .beginning { names.insert(.consumersStart) }
    if readsAreCurrent { names.insert(.currentReads) }
    if quiescence != nil { names.insert(.quiescence) }
    return names
  }

  /// - Parameters:
  ///   - names: those that the model takes.
  ///   - model: its name.
  /// - Throws: `MisplacedAssumption` for the first that is given and says nothing of the model.
  func requireMeaning(_ names: [Name], of model: String) throws(MisplacedAssumption) {
    guard let name = Name.allCases.first(where: { given.contains($0) && !names.contains($0) }) else { return }
    let models = InvariantModel.all.filter { $0.assumes.contains(name) }.map(\.name).joined(separator: ", ")
    throw MisplacedAssumption(message: "--\(name.rawValue) says nothing of \(model): it is for \(models)")
  }

  /// What results record of those that a model takes: a verdict is worth as much as what it rests on.
  func statistics(of names: [Name]) -> [Statistic] {
    names.compactMap { name in
      switch name {
      case .visibilityTimeout: visibilityTimeout.map { seconds($0, of: name) }
      case .quiescence: quiescence.map { seconds($0, of: name) }
      case .consumersStart: Statistic(name: name.rawValue, value: .string(consumersStart.rawValue))
      case .currentReads: Statistic(name: name.rawValue, value: .string(readsAreCurrent ? "yes" : "no"))
      }
    }
  }

  private func seconds(_ nanoseconds: Int64, of name: Name) -> Statistic {
    Statistic(name: "\(name.rawValue)-seconds", value: .double(Double(nanoseconds) / 1e9))
  }
}

/// An assumption was given that says nothing of the model.
public struct MisplacedAssumption: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String
  public var description: String { message }
}
