#ifndef FL_PACKETS_H
#define FL_PACKETS_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// socket(2) in a network namespace (-1: the caller's), close-on-exec; -1 and errno.
///
/// A socket stays in the namespace that it was made in, whoever uses it afterwards.
int fl_socket_in(int netns, int domain, int type, int protocol);

/// ppoll(2), until one of the sources can be read or the time is over; a negative time has no end.
void fl_wait(struct pollfd *sources, unsigned count, int64_t nanoseconds);

/// open(2) for reading in a network namespace: `/proc/thread-self/net/snmp` shows that namespace's counters for ever;
/// -1 and errno.
int fl_open_in(int netns, const char *path);

/// A network namespace that only the returned descriptor holds, with nothing in it; -1 and errno.
int fl_scratch_network(void);

// MARK: - Packets that the kernel asks us about (NFQUEUE)

enum {
  FL_QUEUE_BATCH = 64,         // packets taken by one call
  FL_QUEUE_SLOT_BYTES = 4096,  // room of one packet with the kernel's words about it
  FL_QUEUE_ROOM_BYTES = FL_QUEUE_BATCH * FL_QUEUE_SLOT_BYTES,
};

/// One packet that waits in the kernel for a verdict.
struct fl_packet {
  uint32_t id;
  uint32_t length;       // of the IP packet
  uint32_t captured;     // how many of its bytes are at `bytes`
  const uint8_t *bytes;  // from the IP header on; in the room that the receiving call was given
};

/// What becomes of a packet.
struct fl_verdict {
  uint32_t id;
  uint32_t mark;
  uint32_t length;       // of `bytes`
  const uint8_t *bytes;  // what goes on in the packet's place; null: the packet as it came
};

/// A NETLINK_NETFILTER socket in a network namespace; -1 and errno.
int fl_queue_socket(int netns);

/// Makes the socket the judge of a queue. `captured` bytes of each packet are shown; at most
/// `packets_max` wait at once. Where the kernel has no room for another packet, that one passes unseen. Segmentation and
/// checksums are done before a packet is shown: what we see is what a wire would carry. Returns 0 or an errno.
int fl_queue_bind(int socket, uint16_t queue, uint32_t packets_max, uint32_t captured);

/// Changes how many bytes of each packet are shown from now on. Returns 0 or an errno.
int fl_queue_capture(int socket, uint16_t queue, uint32_t captured);

/// Takes packets that wait, without blocking: how many, or minus an errno. `room` has FL_QUEUE_ROOM_BYTES, `packets` has
/// FL_QUEUE_BATCH places.
int fl_queue_receive(int socket, void *room, struct fl_packet *packets);

/// Sends the packets through the rules that queued them once more, with marks. Returns 0 or an errno.
int fl_queue_repeat(int socket, uint16_t queue, const struct fl_verdict *verdicts, int count);

// MARK: - Packets of our own

/// A socket that sends whole IPv4 packets; -1 and errno.
int fl_raw_socket(int netns);
/// Sends one with a mark, to the address in its header. Returns 0 or an errno.
int fl_raw_send(int socket, uint32_t mark, const uint8_t *packet, size_t length);

/// A UDP socket at an address (host byte order) in a network namespace, on a free port, which is told; never blocks.
/// `service` goes into the IP headers of what it sends (their second byte). -1 and errno.
int fl_datagram_socket(int netns, uint32_t address, int service, uint16_t *port);
/// Returns 0 or an errno.
int fl_datagram_send(int socket, uint32_t address, uint16_t port, const void *bytes, size_t length);

#endif
