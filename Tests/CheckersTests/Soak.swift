import Glibc

/// How many random histories a differential test judges: a slice of them in `make test`, which is quick, and all of
/// them where `FAULTLINE_SOAK` is in the environment, as `make soak` puts it. Both begin with the same histories.
enum Soak {
  static let isOn = getenv("FAULTLINE_SOAK") != nil

  /// Histories for one decider; with `parts`, for each of so many tests that share them.
  static func histories(slice: Int, whole: Int = 100_000, parts: Int = 1) -> Int {
    ((isOn ? whole : slice) + parts - 1) / parts
  }
}
