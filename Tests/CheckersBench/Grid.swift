import Generators

/// One line of the table.
struct Cell {
  var name: String
  var options: SyntheticOptions
  /// Whether the textbook search knows the model.
  var hasTextbook: Bool
}

/// The grid: every client always in flight, as `faultline generate` makes them.
enum Grid {
  static func cells(quick: Bool) -> [Cell] {
    var cells: [Cell] = []
    for values in SyntheticOptions.Values.allCases {
      for clients in [5, 10, 20] {
        for operations in quick ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000] {
          for crashed in [0.0, 1, 5] {
            for hasViolation in [false, true] {
              cells.append(
                register(
                  SyntheticOptions(
                    operations: operations, clients: clients, values: values, crashedPercent: crashed,
                    hasViolation: hasViolation)))
            }
          }
        }
      }
    }
    return cells + others(quick: quick)
  }

  private static func register(_ options: SyntheticOptions) -> Cell {
    let crashed = options.crashedPercent > 0 ? " \(Int(options.crashedPercent)) % crashed" : ""
    return Cell(
      name: "\(size(options.operations))/\(options.clients) \(options.values.rawValue)\(crashed)"
        + (options.hasViolation ? " stale" : " valid"),
      options: options, hasTextbook: true)
  }

  /// What users have beside one register.
  private static func others(quick: Bool) -> [Cell] {
    let scale = quick ? 10 : 1
    var kv = SyntheticOptions(
      model: .kv, operations: 1_000_000 / scale, clients: 10, values: .small, keys: 1000 / scale)
    let valid = Cell(name: "kv \(kv.keys) keys × 1k/10 valid", options: kv, hasTextbook: true)
    kv.hasViolation = true
    let stale = Cell(name: "kv \(kv.keys) keys × 1k/10 stale", options: kv, hasTextbook: true)
    let models: [SyntheticOptions.Model] = [.fifoQueue, .counter, .growSet, .mutex]
    return [valid, stale]
      + models.flatMap { model in
        [false, true].map { hasViolation in
          let options = SyntheticOptions(
            model: model, operations: 1_000_000 / scale, clients: 10, values: .unique, hasViolation: hasViolation)
          return Cell(
            name: "\(model.rawValue) \(size(options.operations))/10 \(hasViolation ? "violation" : "valid")",
            options: options, hasTextbook: false)
        }
      }
  }

  private static func size(_ operations: Int) -> String {
    operations >= 1_000_000 ? "\(operations / 1_000_000)M" : "\(operations / 1000)k"
  }
}
