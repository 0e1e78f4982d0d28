import ArgumentParser
import Generators
import Histories

/// What `faultline generate` simulates: an object, a database, or a workload with an invariant.
enum GeneratedModel: ExpressibleByArgument {
  case object(SyntheticOptions.Model)
  case transactions(SyntheticTransactions.Objects)
  case invariant(SyntheticInvariants.Workload)

  /// By the names of the models that judge them.
  private static let databases: [(name: String, objects: SyntheticTransactions.Objects)] = [
    ("list-append", .lists), ("rw-register", .registers),
  ]

  init?(argument: String) {
    if let model = SyntheticOptions.Model(rawValue: argument) {
      self = .object(model)
    } else if let workload = SyntheticInvariants.Workload(rawValue: argument) {
      self = .invariant(workload)
    } else if let database = Self.databases.first(where: { $0.name == argument }) {
      self = .transactions(database.objects)
    } else {
      return nil
    }
  }

  var name: String {
    switch self {
    case .object(let model): model.rawValue
    case .transactions(let objects): Self.databases.first { $0.objects == objects }?.name ?? ""
    case .invariant(let workload): workload.rawValue
    }
  }

  var defaultValueDescription: String { name }

  static var allValueStrings: [String] {
    SyntheticOptions.Model.allCases.map(\.rawValue) + databases.map(\.name)
      + SyntheticInvariants.Workload.allCases.map(\.rawValue)
  }

  /// The anomalies that can be planted, by name; none in objects, which have one violation of their own.
  var anomalies: [String] {
    switch self {
    case .object: []
    case .transactions(.lists): AnomalyScript.allCases.map(\.rawValue)
    case .transactions(.registers): AnomalyScript.allCases.filter(\.showsInRegisters).map(\.rawValue)
    case .invariant(let workload): workload.anomalies.map(\.rawValue)
    }
  }
}

extension SyntheticTransactions.Level: ExpressibleByArgument {}
extension SyntheticOptions.Values: ExpressibleByArgument {}
