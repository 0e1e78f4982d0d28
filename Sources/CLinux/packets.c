// Packets that the kernel asks us about (NFQUEUE, by netlink), and packets of our own.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fl_packets.h"

// MARK: - Visits to other network namespaces

// What a thread does elsewhere, and what it brings back.
struct errand {
  int netns; // -2: a new one
  const char *path;
  int domain, type, protocol;
  int descriptor, error;
};

static int run(const struct errand *errand) {
  if (errand->path) return open(errand->path, O_RDONLY | O_CLOEXEC);
  return socket(errand->domain, errand->type | SOCK_CLOEXEC, errand->protocol);
}

// A thread of its own may change its namespace, and the process stays where it is.
static void *visit(void *argument) {
  struct errand *errand = argument;
  int refused = errand->netns == -2 ? unshare(CLONE_NEWNET) : setns(errand->netns, CLONE_NEWNET);
  errand->descriptor = refused ? -1 : run(errand);
  errand->error = errno;
  return NULL;
}

static int go(struct errand errand) {
  if (errand.netns == -1) return run(&errand);
  pthread_t thread;
  if ((errno = pthread_create(&thread, NULL, visit, &errand))) return -1;
  pthread_join(thread, NULL);
  errno = errand.error;
  return errand.descriptor;
}

int fl_socket_in(int netns, int domain, int type, int protocol) {
  return go((struct errand){.netns = netns, .domain = domain, .type = type, .protocol = protocol});
}

int fl_open_in(int netns, const char *path) { return go((struct errand){.netns = netns, .path = path}); }

int fl_scratch_network(void) { return go((struct errand){.netns = -2, .path = "/proc/thread-self/ns/net"}); }

void fl_wait(struct pollfd *sources, unsigned count, int64_t nanoseconds) {
  enum { SECOND = 1000000000 };
  struct timespec limit = {.tv_sec = nanoseconds / SECOND, .tv_nsec = nanoseconds % SECOND};
  (void)ppoll(sources, count, nanoseconds < 0 ? NULL : &limit, NULL);
}

// MARK: - Messages to a queue

enum { CONFIG_BYTES = 256, VERDICTS_BYTES = 32 * 1024 };

// Messages one behind the other; the kernel takes all that come in one send.
struct outbox {
  size_t used;
  struct nlmsghdr *message;
  union {
    struct nlmsghdr header;
    char bytes[VERDICTS_BYTES];
  };
};

static void begin(struct outbox *outbox, uint16_t queue, int type, int flags) {
  struct nlmsghdr *header = (struct nlmsghdr *)(outbox->bytes + outbox->used);
  struct nfgenmsg *body = NLMSG_DATA(header);
  *header = (struct nlmsghdr){
    .nlmsg_len = NLMSG_LENGTH(sizeof *body), .nlmsg_type = (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type),
    .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)};
  *body = (struct nfgenmsg){.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(queue)};
  outbox->message = header;
  outbox->used += NLMSG_SPACE(sizeof *body);
}

static void put(struct outbox *outbox, int type, const void *data, size_t size) {
  struct nlattr *attribute = (struct nlattr *)(outbox->bytes + outbox->used);
  attribute->nla_type = (uint16_t)type;
  attribute->nla_len = (uint16_t)(NLA_HDRLEN + size);
  memcpy((char *)attribute + NLA_HDRLEN, data, size);
  // What aligns the next one is part of the message.
  memset((char *)attribute + NLA_HDRLEN + size, 0, NLA_ALIGN(size) - size);
  outbox->used += NLA_HDRLEN + NLA_ALIGN(size);
  outbox->message->nlmsg_len = (uint32_t)(outbox->bytes + outbox->used - (char *)outbox->message);
}

static int post(int socket, struct outbox *outbox) {
  ssize_t sent;
  do sent = send(socket, outbox->bytes, outbox->used, 0);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

// Takes the acknowledgement of a request; packets of the queue cannot come yet.
static int acknowledged(int socket) {
  union {
    struct nlmsghdr header;
    char bytes[1024];
  } reply;
  ssize_t size;
  do size = recv(socket, &reply, sizeof reply, 0);
  while (size < 0 && errno == EINTR);
  if (size < 0) return errno;
  if ((size_t)size < NLMSG_LENGTH(sizeof(int)) || reply.header.nlmsg_type != NLMSG_ERROR) return EPROTO;
  return -((struct nlmsgerr *)NLMSG_DATA(&reply.header))->error;
}

static void put_capture(struct outbox *outbox, uint32_t captured) {
  struct nfqnl_msg_config_params parameters = {.copy_range = htonl(captured), .copy_mode = NFQNL_COPY_PACKET};
  put(outbox, NFQA_CFG_PARAMS, &parameters, sizeof parameters);
}

int fl_queue_socket(int netns) { return fl_socket_in(netns, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER); }

int fl_queue_bind(int socket, uint16_t queue, uint32_t packets_max, uint32_t captured) {
  struct outbox outbox = {.used = 0};
  struct nfqnl_msg_config_cmd command = {.command = NFQNL_CFG_CMD_BIND, .pf = htons(AF_INET)};
  begin(&outbox, queue, NFQNL_MSG_CONFIG, NLM_F_ACK);
  put(&outbox, NFQA_CFG_CMD, &command, sizeof command);
  int error = post(socket, &outbox);
  if (!error) error = acknowledged(socket);
  if (error) return error;
  uint32_t length = htonl(packets_max), flags = htonl(NFQA_CFG_F_FAIL_OPEN);
  outbox.used = 0;
  begin(&outbox, queue, NFQNL_MSG_CONFIG, NLM_F_ACK);
  put_capture(&outbox, captured);
  put(&outbox, NFQA_CFG_QUEUE_MAXLEN, &length, sizeof length);
  put(&outbox, NFQA_CFG_FLAGS, &flags, sizeof flags);
  put(&outbox, NFQA_CFG_MASK, &flags, sizeof flags);
  error = post(socket, &outbox);
  return error ? error : acknowledged(socket);
}

int fl_queue_capture(int socket, uint16_t queue, uint32_t captured) {
  struct outbox outbox = {.used = 0};
  begin(&outbox, queue, NFQNL_MSG_CONFIG, 0);
  put_capture(&outbox, captured);
  return post(socket, &outbox);
}

int fl_queue_repeat(int socket, uint16_t queue, const struct fl_verdict *verdicts, int count) {
  struct outbox outbox = {.used = 0};
  int failed = 0;
  for (int i = 0; i < count; i++) {
    const struct fl_verdict *verdict = &verdicts[i];
    size_t size = CONFIG_BYTES + verdict->length;
    if (outbox.used && outbox.used + size > sizeof outbox.bytes) {
      int error = post(socket, &outbox);
      if (error) failed = error;
      outbox.used = 0;
    }
    struct nfqnl_msg_verdict_hdr header = {.verdict = htonl(NF_REPEAT), .id = htonl(verdict->id)};
    uint32_t mark = htonl(verdict->mark);
    begin(&outbox, queue, NFQNL_MSG_VERDICT, 0);
    put(&outbox, NFQA_VERDICT_HDR, &header, sizeof header);
    put(&outbox, NFQA_MARK, &mark, sizeof mark);
    if (verdict->bytes) put(&outbox, NFQA_PAYLOAD, verdict->bytes, verdict->length);
  }
  int error = outbox.used ? post(socket, &outbox) : 0;
  return error ? error : failed;
}

// MARK: - Messages from a queue

// False for what is no packet: an error message about a verdict that came too late.
static int parse(const void *message, size_t size, struct fl_packet *packet) {
  const struct nlmsghdr *header = message;
  size_t start = NLMSG_SPACE(sizeof(struct nfgenmsg));
  if (size < start || header->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)) return 0;
  size_t end = header->nlmsg_len < size ? header->nlmsg_len : size;
  int has_id = 0;
  *packet = (struct fl_packet){0};
  while (start + NLA_HDRLEN <= end) {
    const struct nlattr *attribute = (const struct nlattr *)((const char *)message + start);
    const uint8_t *data = (const uint8_t *)attribute + NLA_HDRLEN;
    if (attribute->nla_len < NLA_HDRLEN || start + attribute->nla_len > end) break;
    size_t length = attribute->nla_len - (size_t)NLA_HDRLEN;
    uint32_t number = 0;
    if (length >= sizeof number) memcpy(&number, data, sizeof number);
    switch (attribute->nla_type & NLA_TYPE_MASK) {
    case NFQA_PACKET_HDR: packet->id = ntohl(number); has_id = length >= sizeof number; break;
    case NFQA_CAP_LEN: packet->length = ntohl(number); break;
    case NFQA_PAYLOAD: packet->bytes = data; packet->captured = (uint32_t)length; break;
    }
    start += NLA_ALIGN(attribute->nla_len);
  }
  // The length is told only where not all of the packet is shown.
  if (packet->length < packet->captured) packet->length = packet->captured;
  return has_id;
}

int fl_queue_receive(int socket, void *room, struct fl_packet *packets) {
  struct iovec parts[FL_QUEUE_BATCH];
  struct mmsghdr messages[FL_QUEUE_BATCH];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < FL_QUEUE_BATCH; i++) {
    parts[i] = (struct iovec){(char *)room + (size_t)i * FL_QUEUE_SLOT_BYTES, FL_QUEUE_SLOT_BYTES};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int received = recvmmsg(socket, messages, FL_QUEUE_BATCH, MSG_DONTWAIT, NULL);
  if (received < 0) return -errno;
  int count = 0;
  for (int i = 0; i < received; i++) count += parse(parts[i].iov_base, messages[i].msg_len, &packets[count]);
  return count;
}

// MARK: - Packets of our own

int fl_raw_socket(int netns) { return fl_socket_in(netns, AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_RAW); }

int fl_raw_send(int socket, uint32_t mark, const uint8_t *packet, size_t length) {
  enum { DESTINATION = 16, HEADER = 20 };
  if (length < HEADER) return EINVAL;
  struct sockaddr_in to = {.sin_family = AF_INET};
  memcpy(&to.sin_addr, packet + DESTINATION, sizeof to.sin_addr);
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof mark)];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof mark), .cmsg_level = SOL_SOCKET, .cmsg_type = SO_MARK}};
  memcpy(CMSG_DATA(&control.header), &mark, sizeof mark);
  struct iovec part = {(void *)packet, length};
  struct msghdr message = {
    .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
    .msg_controllen = sizeof control};
  return sendmsg(socket, &message, 0) < 0 ? errno : 0;
}

int fl_datagram_socket(int netns, uint32_t address, int service, uint16_t *port) {
  int descriptor = fl_socket_in(netns, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  socklen_t size = sizeof own;
  if (setsockopt(descriptor, IPPROTO_IP, IP_TOS, &service, sizeof service) ||
      bind(descriptor, (struct sockaddr *)&own, size) || getsockname(descriptor, (struct sockaddr *)&own, &size)) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
  }
  *port = ntohs(own.sin_port);
  return descriptor;
}

int fl_datagram_send(int socket, uint32_t address, uint16_t port, const void *bytes, size_t length) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
  return sendto(socket, bytes, length, 0, (struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
}
