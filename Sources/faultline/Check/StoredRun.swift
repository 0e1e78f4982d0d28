import Foundation
import Histories
import Workloads

/// What the plan in a run directory says of the history beside it.
struct StoredRun {
  /// Its name.
  let workload: String
  private let parameters: [String: Value]

  /// nil where the directory has no plan that can be read.
  init?(at path: String) {
    guard let data = FileManager.default.contents(atPath: path + "/plan.resolved.json"),
      let plan = try? JSONDecoder().decode(Value.self, from: data), let chosen = plan.map?["workload"]?.map,
      let name = chosen["name"]?.string
    else { return nil }
    workload = name
    parameters = chosen["parameters"]?.map ?? [:]
  }

  /// The state that the system's objects began with, where the workload has a parameter for it: `--initial`.
  var initial: Value? { parameters[Workload.firstIndexParameter] }

  /// How long a message that was delivered is its receiver's, in nanoseconds, where the workload has a parameter for it:
  /// `--visibility-timeout`.
  var visibilityTimeout: Int64? {
    switch parameters[Workload.visibilityParameter] {
    case .double(let seconds)?: Int64(seconds * 1_000_000_000)
    case .int(let seconds)?: seconds * 1_000_000_000
    default: nil
    }
  }

  /// Whether its operations are `[key, value]`.
  var isKeyed: Bool { Catalogue.named(workload)?.keyed ?? false }
}
