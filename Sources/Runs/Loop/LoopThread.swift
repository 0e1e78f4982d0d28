import Foundation
import Generators
import Histories
import RunStore
import Synchronization
import Systems

/// Gives the client loop a thread of its own.
package enum LoopThread {
  package struct Settings: Sendable {
    package var generator: any Generator
    package var keyed: Bool
    package var threads: Int
    package var client: SystemClient
    package var placement: Placement
    package var historyPath: String
    /// Decides which requests are sent once more.
    package var resends: RandomStream
    /// Gets every recorded event too.
    var feed: EventFeed?

    package init(
      generator: any Generator, keyed: Bool, threads: Int, client: SystemClient, placement: Placement,
      historyPath: String, resends: RandomStream
    ) {
      self.generator = generator
      self.keyed = keyed
      self.threads = threads
      self.client = client
      self.placement = placement
      self.historyPath = historyPath
      self.resends = resends
    }

    init(
      generator: any Generator, keyed: Bool, threads: Int, client: SystemClient, placement: Placement,
      historyPath: String, resends: RandomStream, feed: EventFeed?
    ) {
      self.init(
        generator: generator, keyed: keyed, threads: threads, client: client, placement: placement,
        historyPath: historyPath, resends: resends)
      self.feed = feed
    }
  }

  /// Starts the loop; everything goes through the control from then on.
  ///
  /// - Throws: when the history file or the HTTP driver cannot be made.
  package static func start(_ settings: Settings, clock: RunClock, nodes: [String]) throws -> LoopControl {
    let control = LoopControl()
    let writer = try HistoryWriter(path: settings.historyPath)
    let journal = Mutex<Journal?>(Journal(writer: writer, keyed: settings.keyed, feed: settings.feed))
    let scheduler = Scheduler(
      generator: settings.generator, clients: settings.threads, nodes: nodes, placement: settings.placement)
    let thread = Thread {
      control.end(
        Result {
          guard let journal = journal.withLock({ $0.take() }) else { throw RunFailure.environment("started twice") }
          let port = try HTTPPort(
            client: settings.client, slots: settings.threads, nodes: nodes.count, resends: settings.resends)
          let waker = port.waker
          control.attach { waker.wake() }
          var loop = ClientLoop(scheduler: scheduler, port: port, journal: journal, clock: clock, control: control)
          return try loop.run()
        })
    }
    thread.name = "client loop"
    thread.start()
    return control
  }
}
