// Prints a parcel's label. It does everything in one function, which is what the demo's reviewer should say.

/** The label of a parcel, as lines of text. */
export function labelOf(parcel) {
  const lines = [];
  const name = parcel.receiver.name || 'unknown';
  lines.push(name.toUpperCase());
  if (parcel.receiver.company) {
    lines.push(parcel.receiver.company);
  }
  if (parcel.receiver.street) {
    lines.push(parcel.receiver.street);
  } else if (parcel.receiver.box) {
    lines.push('P.O. Box ' + parcel.receiver.box);
  } else {
    lines.push('(no street)');
  }
  const city = parcel.receiver.city || '';
  const code = parcel.receiver.postcode || '';
  if (parcel.receiver.country === 'US') {
    lines.push(city + ', ' + parcel.receiver.state + ' ' + code);
  } else if (parcel.receiver.country === 'GB') {
    lines.push(city);
    lines.push(code);
  } else {
    lines.push(code + ' ' + city);
  }
  if (parcel.receiver.country !== parcel.sender.country) {
    lines.push(parcel.receiver.country);
  }
  lines.push('');
  let weight = 0;
  for (const item of parcel.items) {
    weight += item.grams * item.count;
  }
  if (weight > 30_000) {
    lines.push('TOO HEAVY');
  } else if (weight > 10_000) {
    lines.push('HEAVY: two persons');
  } else if (weight > 2_000) {
    lines.push('PARCEL');
  } else {
    lines.push('PACKET');
  }
  lines.push((weight / 1000).toFixed(2) + ' kg');
  let worth = 0;
  for (const item of parcel.items) {
    worth += item.price * item.count;
  }
  if (worth > 500) {
    lines.push('INSURED');
  }
  if (parcel.items.some((item) => item.fragile)) {
    lines.push('FRAGILE');
  }
  if (parcel.items.some((item) => item.liquid)) {
    lines.push('LIQUID: keep upright');
  }
  if (parcel.note) {
    for (const line of parcel.note.split('\n')) {
      lines.push('> ' + line.trim());
    }
  }
  lines.push('');
  lines.push('No. ' + parcel.number);
  lines.push('Sent ' + parcel.sentOn);
  return lines.join('\n');
}
