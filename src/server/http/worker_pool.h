// Threads that run handlers, behind a bounded queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace sightline::http {

// Thread-safe. The destructor runs what is queued, then joins.
class WorkerPool {
 public:
  using Task = std::move_only_function<void()>;  // does not throw

  WorkerPool(std::size_t threads, std::size_t max_queued);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False where the queue is full: the task is left with the caller.
  bool submit(Task& task);
  std::size_t queued() const;
  std::size_t running() const;

 private:
  void run(const std::stop_token& stop);

  const std::size_t max_queued_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> queue_;
  std::size_t running_ = 0;
  std::vector<std::jthread> threads_;  // last: joined while the members above exist
};

}  // namespace sightline::http
