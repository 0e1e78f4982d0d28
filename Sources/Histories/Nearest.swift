/// What somebody probably meant who typed a name that does not exist.
public enum Nearest {
  /// The candidate that the fewest typing slips turn into `name`; nil if even the best is too far off to be helpful.
  ///
  /// Too far is more than a third of the longer of the two names, and at least one slip is always forgiven. Letter case
  /// does not count, and of equally near candidates the alphabetically first is taken.
  public static func name(to name: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    var best: (slips: Int, candidate: String)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().unicodeScalars)
      let slips = distance(wanted, letters)
      if slips <= max(1, max(wanted.count, letters.count) / 3), (slips, candidate) < best ?? (.max, "") {
        best = (slips, candidate)
      }
    }
    return best?.candidate
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two texts: Damerau (1964), in the restricted
  /// form that edits no place twice.
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[right.count]
  }
}
