// The cluster's network by rtnetlink: one message for a pair of interfaces, with no process spawned.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fl_network.h"

// The interfaces of a cluster in the controller's namespace form a group, so that one request deletes them all.
enum { REQUEST_BYTES = 512, LINK_GROUP = 0xFA17 };

struct request {
  union {
    struct nlmsghdr header;
    char bytes[REQUEST_BYTES];
  };
};

static int fail(struct fl_network_failure *failure, fl_network_step step) {
  failure->error = errno;
  failure->step = step;
  return -1;
}

// MARK: - Messages

static void *append(struct request *request, size_t size) {
  char *place = request->bytes + NLMSG_ALIGN(request->header.nlmsg_len);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (unsigned)size;
  return place;
}

static void *begin(struct request *request, int type, int flags, size_t body) {
  memset(request, 0, sizeof *request);
  request->header.nlmsg_len = NLMSG_HDRLEN;
  request->header.nlmsg_type = (unsigned short)type;
  request->header.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags);
  return append(request, body);
}

static struct rtattr *put(struct request *request, int type, const void *data, size_t size) {
  struct rtattr *attribute = append(request, RTA_LENGTH(size));
  attribute->rta_type = (unsigned short)type;
  attribute->rta_len = (unsigned short)RTA_LENGTH(size);
  if (size) memcpy(RTA_DATA(attribute), data, size);
  return attribute;
}

static void put_text(struct request *request, int type, const char *text) {
  put(request, type, text, strlen(text) + 1);
}

static void put_number(struct request *request, int type, unsigned number) {
  put(request, type, &number, sizeof number);
}

// Closes a nest that was opened by an empty `put`.
static void end_nest(struct request *request, struct rtattr *nest) {
  nest->rta_len = (unsigned short)(request->bytes + request->header.nlmsg_len - (char *)nest);
}

static int netlink(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }

// Sends and takes the acknowledgement. Returns 0, or -1 with errno.
static int transact(int socket, struct request *request) {
  if (send(socket, request, request->header.nlmsg_len, 0) < 0) return -1;
  union {
    struct nlmsghdr header;
    char bytes[1024 + REQUEST_BYTES];
  } reply;
  ssize_t size;
  do size = recv(socket, &reply, sizeof reply, 0);
  while (size < 0 && errno == EINTR);
  if (size < 0) return -1;
  if ((size_t)size < NLMSG_LENGTH(sizeof(int)) || reply.header.nlmsg_type != NLMSG_ERROR) {
    errno = EPROTO;
    return -1;
  }
  errno = -((struct nlmsgerr *)NLMSG_DATA(&reply.header))->error;
  return errno ? -1 : 0;
}

// MARK: - Requests

static int add_address(int socket, int index, uint32_t address, int prefix) {
  struct request request;
  struct ifaddrmsg *body = begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *body);
  body->ifa_family = AF_INET;
  body->ifa_prefixlen = (unsigned char)prefix;
  body->ifa_index = (unsigned)index;
  put_number(&request, IFA_LOCAL, htonl(address));
  put_number(&request, IFA_ADDRESS, htonl(address));
  return transact(socket, &request);
}

static int set_up(int socket, int index) {
  struct request request;
  struct ifinfomsg *body = begin(&request, RTM_NEWLINK, 0, sizeof *body);
  body->ifi_index = index;
  body->ifi_flags = body->ifi_change = IFF_UP;
  return transact(socket, &request);
}

static int add_bridge(int socket, const char *name) {
  struct request request;
  struct ifinfomsg *body = begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *body);
  body->ifi_flags = body->ifi_change = IFF_UP;
  put_text(&request, IFLA_IFNAME, name);
  put_number(&request, IFLA_GROUP, LINK_GROUP);
  struct rtattr *info = put(&request, IFLA_LINKINFO, NULL, 0);
  put(&request, IFLA_INFO_KIND, "bridge", 6);
  end_nest(&request, info);
  return transact(socket, &request);
}

// Both ends of a pair: `peer` here, up, as a port of the bridge, and `eth0` in the node's namespace.
static int add_pair(int socket, const char *peer, int bridge_index, int node_netns) {
  struct request request;
  struct ifinfomsg *body = begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *body);
  body->ifi_flags = body->ifi_change = IFF_UP;
  put_text(&request, IFLA_IFNAME, peer);
  put_number(&request, IFLA_GROUP, LINK_GROUP);
  put_number(&request, IFLA_MASTER, (unsigned)bridge_index);
  struct rtattr *info = put(&request, IFLA_LINKINFO, NULL, 0);
  put(&request, IFLA_INFO_KIND, "veth", 4);
  struct rtattr *data = put(&request, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *other = put(&request, VETH_INFO_PEER, NULL, 0);
  struct ifinfomsg *there = append(&request, sizeof *there);
  (void)there; // not up yet: veth_open refuses an end whose other end is not tied to it (ENOTCONN)
  put_text(&request, IFLA_IFNAME, "eth0");
  put_number(&request, IFLA_NET_NS_FD, (unsigned)node_netns);
  end_nest(&request, other);
  end_nest(&request, data);
  end_nest(&request, info);
  return transact(socket, &request);
}

// Interfaces made from now on in the caller's namespace get no IPv6: link-local addresses would go around IPv4 rules.
// A kernel without IPv6 has no such file.
static void disable_ipv6(void) {
  int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  (void)!write(fd, "1", 1);
  close(fd);
}

// MARK: - Networks

int fl_bridge_create(const char *name, uint32_t address, int prefix, struct fl_network_failure *failure) {
  int socket = netlink();
  if (socket < 0) return fail(failure, FL_NETWORK_SOCKET);
  disable_ipv6();
  int index = -1;
  if (add_bridge(socket, name)) {
    fail(failure, FL_NETWORK_BRIDGE);
  } else {
    index = (int)if_nametoindex(name);
    if (add_address(socket, index, address, prefix)) index = fail(failure, FL_NETWORK_ADDRESS);
  }
  close(socket);
  return index;
}

int fl_links_delete(struct fl_network_failure *failure) {
  int socket = netlink();
  if (socket < 0) return fail(failure, FL_NETWORK_SOCKET);
  struct request request;
  (void)begin(&request, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
  put_number(&request, IFLA_GROUP, LINK_GROUP);
  int status = transact(socket, &request);
  if (status) fail(failure, FL_NETWORK_DELETE);
  close(socket);
  return status;
}

// What the helper thread brings back from the new namespace it went to.
struct visit {
  int netns, socket;
  struct fl_network_failure failure;
};

// A thread may leave its process's network namespace alone, and take descriptors that keep the new one alive.
static void *visit_new_namespace(void *argument) {
  struct visit *visit = argument;
  if (unshare(CLONE_NEWNET)) {
    fail(&visit->failure, FL_NETWORK_UNSHARE);
    return NULL;
  }
  disable_ipv6();
  visit->netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  visit->socket = netlink();
  if (visit->netns < 0 || visit->socket < 0) fail(&visit->failure, FL_NETWORK_NAMESPACE);
  return NULL;
}

static int visit_namespace(struct visit *visit) {
  pthread_t thread;
  errno = pthread_create(&thread, NULL, visit_new_namespace, visit);
  if (errno) return fail(&visit->failure, FL_NETWORK_THREAD);
  pthread_join(thread, NULL);
  return visit->failure.step ? -1 : 0;
}

// Loopback is always interface 1. The address is asked for by index: eth0's is read through the node's own socket.
static int configure_node(int node_socket, uint32_t address, int prefix, struct fl_network_failure *failure) {
  if (set_up(node_socket, 1)) return fail(failure, FL_NETWORK_LOOPBACK);
  struct request request;
  struct ifinfomsg *body = begin(&request, RTM_GETLINK, 0, sizeof *body);
  put_text(&request, IFLA_IFNAME, "eth0");
  request.header.nlmsg_flags = NLM_F_REQUEST;
  union {
    struct nlmsghdr header;
    char bytes[8192];
  } reply;
  if (send(node_socket, &request, request.header.nlmsg_len, 0) < 0) return fail(failure, FL_NETWORK_LINK);
  ssize_t size = recv(node_socket, &reply, sizeof reply, 0);
  if (size < (ssize_t)NLMSG_LENGTH(sizeof *body) || reply.header.nlmsg_type != RTM_NEWLINK) {
    errno = EPROTO;
    return fail(failure, FL_NETWORK_LINK);
  }
  body = NLMSG_DATA(&reply.header);
  int index = body->ifi_index;
  if (add_address(node_socket, index, address, prefix)) return fail(failure, FL_NETWORK_ADDRESS);
  if (set_up(node_socket, index)) return fail(failure, FL_NETWORK_LINK);
  return 0;
}

int fl_node_network(
  int bridge_index, const char *peer, uint32_t address, int prefix, struct fl_network_failure *failure) {
  struct visit visit = {.netns = -1, .socket = -1};
  int socket = netlink(), status = -1;
  if (socket < 0) fail(failure, FL_NETWORK_SOCKET);
  else if (visit_namespace(&visit)) *failure = visit.failure;
  else if (add_pair(socket, peer, bridge_index, visit.netns)) fail(failure, FL_NETWORK_LINK);
  else status = configure_node(visit.socket, address, prefix, failure);
  if (socket >= 0) close(socket);
  if (visit.socket >= 0) close(visit.socket);
  if (status && visit.netns >= 0) close(visit.netns);
  return status ? -1 : visit.netns;
}
