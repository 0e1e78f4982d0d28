/// Choices that change how an answer is found, never the answer: tests force the rarely taken ways with it.
@usableFromInline struct CheckTuning: Sendable {
  /// Say for every valid object in which order its operations happened: a tenth of the time.
  @usableFromInline var wantsWitnesses = true
  /// Ask the model's polynomial rule before the search.
  var usesRules = true
  /// Configurations without progress after which a shorter proof of a violation is tried, with as many; then it is four
  /// times as many, so that what is tried in vain costs no more than the search.
  var firstStall = 512
  /// Return events of the shortest window that such a proof looks at.
  var firstWindow = 16

  /// Operations of evidence that is shown as it is, without being reduced, at most: all that there is, is easier to
  /// follow than a part of it with states that have to be imagined.
  var wholeMax = 12

  @usableFromInline init() {}
}
