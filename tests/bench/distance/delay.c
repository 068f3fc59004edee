/* delay: a distant network between two network namespaces, where the kernel has no netem.
 *
 *     cc -O2 -pthread -o delay delay.c
 *     delay NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B ONE_WAY_MILLISECONDS
 *
 * Both are TUN devices that exist already (`ip tuntap add dev NAME mode tun`). A packet that is
 * read from one is written to the other after the delay. Prints "ready", and ends when its
 * standard input does. Nothing is lost and no rate is limited: a full queue waits.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_PACKET = 65536, QUEUE = 16384 };

struct packet {
    struct timespec due;
    size_t length;
    char *bytes;
};

/* One way: a ring of packets between a thread that reads and one that writes. */
struct way {
    int from, to;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct packet ring[QUEUE];
    size_t first, count;
};

static long delay_ns;
static struct way ways[2];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int open_device(const char *namespace_name, const char *device) {
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", namespace_name);
    int namespace_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (namespace_fd < 0 || setns(namespace_fd, CLONE_NEWNET) < 0) die(path);
    close(namespace_fd);

    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) die("/dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
    if (ioctl(fd, TUNSETIFF, &request) < 0) die(device);
    return fd;
}

static void *read_packets(void *argument) {
    struct way *way = argument;
    char *buffer = malloc(LONGEST_PACKET);
    if (!buffer) die("malloc");
    for (;;) {
        ssize_t length = read(way->from, buffer, LONGEST_PACKET);
        /* The device is down before it is configured: that is an error to be repeated. */
        if (length <= 0) continue;
        struct packet packet = {.length = (size_t)length, .bytes = malloc((size_t)length)};
        if (!packet.bytes) die("malloc");
        memcpy(packet.bytes, buffer, packet.length);
        clock_gettime(CLOCK_MONOTONIC, &packet.due);
        packet.due.tv_nsec += delay_ns;
        packet.due.tv_sec += packet.due.tv_nsec / 1000000000L;
        packet.due.tv_nsec %= 1000000000L;

        pthread_mutex_lock(&way->lock);
        while (way->count == QUEUE) pthread_cond_wait(&way->changed, &way->lock);
        way->ring[(way->first + way->count++) % QUEUE] = packet;
        pthread_cond_signal(&way->changed);
        pthread_mutex_unlock(&way->lock);
    }
    return NULL;
}

static void *write_packets(void *argument) {
    struct way *way = argument;
    /* Waits would be 50 us too long by default. */
    prctl(PR_SET_TIMERSLACK, 1000);
    for (;;) {
        pthread_mutex_lock(&way->lock);
        while (way->count == 0) pthread_cond_wait(&way->changed, &way->lock);
        struct packet packet = way->ring[way->first];
        way->first = (way->first + 1) % QUEUE;
        way->count--;
        pthread_cond_signal(&way->changed);
        pthread_mutex_unlock(&way->lock);

        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &packet.due, NULL);
        /* A packet that the device does not take is a lost packet: TCP sends it again. */
        if (write(way->to, packet.bytes, packet.length) < 0) { /* nobody to tell */
        }
        free(packet.bytes);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: delay NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B MILLISECONDS\n");
        return 2;
    }
    int a = open_device(arguments[1], arguments[2]);
    int b = open_device(arguments[3], arguments[4]);
    delay_ns = (long)(atof(arguments[5]) * 1e6);

    for (int i = 0; i < 2; i++) {
        ways[i].from = i ? b : a;
        ways[i].to = i ? a : b;
        pthread_mutex_init(&ways[i].lock, NULL);
        pthread_cond_init(&ways[i].changed, NULL);
        pthread_t thread;
        if (pthread_create(&thread, NULL, read_packets, &ways[i])) die("pthread_create");
        if (pthread_create(&thread, NULL, write_packets, &ways[i])) die("pthread_create");
    }
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return 0;
}
