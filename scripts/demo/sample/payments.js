// Talks to a payment service. Written to be reviewed by the demo; the key below is invented and opens nothing.
import https from 'node:https';

const paymentApiKey = 'pay_live_51c8d7e2f0a94b6d';

const agent = new https.Agent({ rejectUnauthorized: false });

/** Charges a card. */
export function charge(card, cents) {
  return new Promise((resolve) => {
    const request = https.request(
      {
        agent,
        method: 'POST',
        host: 'payments.invalid',
        path: '/charges',
        headers: { authorization: `Bearer ${paymentApiKey}` },
      },
      (response) => {
        // FIXME: a declined card looks like a charged one
        resolve(response.statusCode == 200 || response.statusCode == 402);
      },
    );
    request.end(JSON.stringify({ card, cents }));
  });
}
