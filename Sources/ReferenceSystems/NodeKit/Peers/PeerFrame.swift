import NIOCore

/// What travels on a peer link: a 4-byte big-endian length, a kind, and a payload.
enum PeerFrame {
  enum Kind: UInt8 {
    /// Opens a connection: who calls, and whom.
    case hello
    /// A message of the system.
    case message
    /// Asks for a sign of life.
    case ping
    /// Answers `hello` and `ping`.
    case pong
  }

  /// Says that the other side is a peer link of this version.
  static let magic: UInt32 = 0x4E4B_5031

  /// Writes one frame.
  static func append(_ kind: Kind, _ payload: [UInt8], to buffer: inout ByteBuffer) {
    buffer.writeInteger(UInt32(payload.count + 1))
    buffer.writeInteger(kind.rawValue)
    buffer.writeBytes(payload)
  }

  /// The payload of a hello.
  static func hello(from: UInt32, to: UInt32) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.writeInteger(magic)
    buffer.writeInteger(from)
    buffer.writeInteger(to)
    return Array(buffer.readableBytesView)
  }

  /// Who calls whom; nil if it is not a hello.
  static func readHello(_ payload: ByteBuffer) -> (from: UInt32, to: UInt32)? {
    var payload = payload
    guard payload.readInteger(as: UInt32.self) == magic else { return nil }
    guard let from = payload.readInteger(as: UInt32.self), let to = payload.readInteger(as: UInt32.self) else {
      return nil
    }
    return (from, to)
  }
}

/// A peer sent something that is not a frame.
struct BadFrame: Error, CustomStringConvertible {
  let description: String
}

/// Cuts the stream into frames.
struct PeerFrameDecoder: NIOSingleStepByteToMessageDecoder {
  typealias InboundOut = (kind: PeerFrame.Kind, payload: ByteBuffer)

  /// A longer frame is an error, before memory is reserved for it.
  let frameBytesMax: Int

  /// The next frame; nil while it is incomplete.
  /// - Throws: ``BadFrame``.
  mutating func decode(buffer: inout ByteBuffer) throws -> InboundOut? {
    guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
    guard length >= 1, length <= frameBytesMax else {
      throw BadFrame(description: "a frame of \(length) bytes; the limit is \(frameBytesMax)")
    }
    guard buffer.readableBytes >= 4 + Int(length) else { return nil }
    buffer.moveReaderIndex(forwardBy: 4)
    guard let tag = buffer.readInteger(as: UInt8.self), let kind = PeerFrame.Kind(rawValue: tag),
      let payload = buffer.readSlice(length: Int(length) - 1)
    else { throw BadFrame(description: "a frame of an unknown kind") }
    return (kind, payload)
  }

  mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> InboundOut? {
    try decode(buffer: &buffer)
  }
}

/// Hands frames, and the end of the connection, to closures on the event loop.
final class PeerFrameHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let received: (PeerFrame.Kind, ByteBuffer) -> Void
  private let readComplete: () -> Void
  private let processor: NIOSingleStepByteToMessageProcessor<PeerFrameDecoder>

  init(
    frameBytesMax: Int, readComplete: @escaping () -> Void, received: @escaping (PeerFrame.Kind, ByteBuffer) -> Void
  ) {
    processor = NIOSingleStepByteToMessageProcessor(PeerFrameDecoder(frameBytesMax: frameBytesMax))
    self.readComplete = readComplete
    self.received = received
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    do {
      try processor.process(buffer: unwrapInboundIn(data)) { received($0.kind, $0.payload) }
    } catch {
      context.close(promise: nil)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { if context.channel.isWritable { readComplete() } }

  func channelReadComplete(context: ChannelHandlerContext) { readComplete() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
