"""The pool of warm sandboxes, with real ones."""

from support import TestCase, keepers_below, main, wait_until


class Pool(TestCase):
    def warm(self, service):
        return {host["id"] for host in service.hosts() if host["status"] == "active"}

    def test_hands_out_a_warm_sandbox_with_a_key_of_its_own_and_makes_another(self):
        service = self.service(POOL_SIZE="2", RECONCILE_INTERVAL_SECONDS="1")
        wait_until(lambda: len(self.warm(service)) == 2, "the pool is full")
        members = self.warm(service)
        status, answer = service.request("POST", f"/hosts/{min(members)}/renew")
        self.assertEqual((status, answer["error_code"]), (409, "HOST_STATE"))
        host = self.drukbox("create", "--json").json
        self.assertIn(host["id"], members)
        self.assertEqual(self.drukbox("ssh", host["name"], "--", "echo here").stdout, "here\n")
        wait_until(lambda: len(self.warm(service)) == 3, "the pool is full again")
        self.drukbox("renew", host["name"], "--ttl", "1h")
        self.drukbox("rm", host["name"])
        wait_until(lambda: len(keepers_below(self.home.state)) == 2, "the pool stays")

    def test_a_round_for_cron_fills_and_sheds(self):
        self.drukbox("pool", "--dev", env={"POOL_SIZE": "1"})
        self.assertEqual(len(keepers_below(self.home.state)), 1)
        self.drukbox("pool", "--dev")
        self.assertEqual(len(keepers_below(self.home.state)), 0)

    def test_the_round_does_nothing_beside_a_running_service(self):
        self.service()
        self.assertIn("nothing to do", self.drukbox("pool", "--dev").stdout)


if __name__ == "__main__":
    main()
