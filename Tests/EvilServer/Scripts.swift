/// The misbehaviours, by name.
extension EvilServer {
  /// Answers every request.
  public static let answers: Script = { connection in
    while try connection.readRequest() != nil { try connection.answer() }
  }

  /// Reads one request, then does `then` and no more.
  public static func once(_ then: @escaping Script) -> Script {
    { connection in
      guard try connection.readRequest() != nil else { return }
      try then(connection)
    }
  }

  /// Answers the first `count` requests of each connection, reads one more, then does `then`.
  public static func after(answers count: Int, _ then: @escaping Script) -> Script {
    { connection in
      for _ in 0..<count {
        guard try connection.readRequest() != nil else { return }
        try connection.answer()
      }
      guard try connection.readRequest() != nil else { return }
      try then(connection)
    }
  }

  public static let closesAfterRequest: Script = once { _ in }
  public static let resetsAfterRequest: Script = once { $0.reset() }
  public static let hangs: Script = once { $0.awaitClose() }

  /// Sends this instead of an answer, then closes.
  public static func sends(_ text: String) -> Script { once { try $0.send(text) } }

  /// Accepts and never reads, as a stopped process does.
  public static let neverReads: Script = { $0.awaitClose() }

  /// Waits for the request's first byte and closes without reading it: the kernel sends RST.
  public static let closesUnread: Script = { $0.awaitData() }

  public static let closesAtOnce: Script = { _ in }
  public static let resetsAtOnce: Script = { $0.reset() }

  /// One byte of a body after the other, for as long as the client listens.
  public static func drips(everyMicroseconds interval: UInt32) -> Script {
    once { connection in
      try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
      while true {
        try connection.send("x")
        pause(microseconds: interval)
      }
    }
  }
}
