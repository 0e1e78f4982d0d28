import Generators
import Histories

/// Client threads that only read.
///
/// A node that is cut off from the others answers no write, and soon all of its clients wait for one: nobody is left to
/// see that it still answers reads, with what it knew. Threads that only read go on asking it.
struct ReaderThreads: Hashable, Sendable {
  /// As workloads have it.
  static let parameter = Parameter(
    "readers", .double(0...1), default: .double(0.5), "share of the client threads that only read, if the mix has reads"
  )

  /// The number of the first of them: threads are spread over the nodes in the order of their numbers, so that the last
  /// ones, too, are on as many nodes as they can be.
  private let first: Int

  init(share: Double, threads: Int) { first = threads - Int(Double(threads) * share) }

  func contains(_ thread: ThreadID) -> Bool { thread.rawValue >= first }
}

extension WorkloadSettings {
  /// None if reads have no share in the mix.
  ///
  /// - Parameter reads: the share of the reads.
  func readerThreads(reads: Double) throws(WorkloadError) -> ReaderThreads {
    ReaderThreads(share: reads > 0 ? try double(ReaderThreads.parameter.name) : 0, threads: threads)
  }
}
