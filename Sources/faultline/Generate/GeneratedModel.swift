import ArgumentParser
import Generators
import Histories

/// What `faultline generate` simulates: an object, a database, or a workload with an invariant.
enum GeneratedModel: ExpressibleByArgument {
  case object(SyntheticOptions.Model)
  case transactions
  case invariant(SyntheticInvariants.Workload)

  static let transactionsName = "list-append"

  init?(argument: String) {
    if let model = SyntheticOptions.Model(rawValue: argument) {
      self = .object(model)
    } else if let workload = SyntheticInvariants.Workload(rawValue: argument) {
      self = .invariant(workload)
    } else if argument == Self.transactionsName {
      self = .transactions
    } else {
      return nil
    }
  }

  var name: String {
    switch self {
    case .object(let model): model.rawValue
    case .transactions: Self.transactionsName
    case .invariant(let workload): workload.rawValue
    }
  }

  var defaultValueDescription: String { name }

  static var allValueStrings: [String] {
    SyntheticOptions.Model.allCases.map(\.rawValue) + [transactionsName]
      + SyntheticInvariants.Workload.allCases.map(\.rawValue)
  }

  /// The anomalies that can be planted, by name; none in objects, which have one violation of their own.
  var anomalies: [String] {
    switch self {
    case .object: []
    case .transactions: AnomalyScript.allCases.map(\.rawValue)
    case .invariant(let workload): workload.anomalies.map(\.rawValue)
    }
  }
}

extension SyntheticTransactions.Level: ExpressibleByArgument {}
extension SyntheticOptions.Values: ExpressibleByArgument {}
